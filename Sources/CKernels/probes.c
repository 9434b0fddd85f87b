// Measures the memory bandwidth and arithmetic throughput of the team, as upper bounds for all other timings.

#include <time.h>

#include "CKernels.h"

static double seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

typedef struct {
  const uint64_t *words;
  uint64_t sums[256];
} reading;

enum { STRETCH = 1 << 16, ROUNDS = 5 };

static void read_stretches(void *context, size_t begin, size_t end, size_t worker) {
  reading *r = context;
  uint64_t sum = 0;
  for (size_t i = begin * STRETCH; i < end * STRETCH; i++) sum += r->words[i];
  r->sums[worker] += sum;
}

double ck_measure_bandwidth(size_t bytes) {
  size_t stretches = bytes / (STRETCH * sizeof(uint64_t));
  uint64_t *words = stretches > 0 ? ck_allocate(bytes) : NULL;
  if (!words) return 0;
  for (size_t i = 0; i < stretches * STRETCH; i++) words[i] = i;
  reading r = {.words = words};
  double best = 0;
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    ck_parallel(stretches, 8, read_stretches, &r);
    double rate = (double)(stretches * STRETCH * sizeof(uint64_t)) / (seconds() - start);
    if (rate > best) best = rate;
  }
  ck_free(words, bytes);
  return best;
}

/// Inputs, weights and outputs that fit the L1 cache, so that only the inner loop of the product is measured.
enum { DEPTH = 64, PANELS = 3, REPEATS = 2000 };

static void multiply_small(void *context, size_t begin, size_t end, size_t worker) {
  (void)worker;
  const ck_product *shared = context;
  float out[CK_MAX_ROW_BLOCK * PANELS * CK_LANES];
  ck_product product = *shared;
  product.out = out;
  for (size_t i = begin; i < end; i++) ck_active()->multiply_f32(&product, 0, PANELS, 0, 1);
}

double ck_measure_flops(void) {
  static const float zeros[DEPTH * PANELS * CK_LANES];
  size_t rows = ck_active()->row_block, outputs = PANELS * CK_LANES;
  float unused[1];
  ck_product product = {
      .inputs = zeros, .rows = rows, .depth = DEPTH, .weights = zeros, .outputs = outputs, .out = unused,
      .out_stride = outputs};
  double best = 0;
  size_t items = REPEATS * ck_team_size();
  for (int round = 0; round < ROUNDS; round++) {
    double start = seconds();
    ck_parallel(items, REPEATS / 20, multiply_small, &product);
    double rate = 2.0 * (double)(rows * outputs * DEPTH * items) / (seconds() - start);
    if (rate > best) best = rate;
  }
  return best;
}
