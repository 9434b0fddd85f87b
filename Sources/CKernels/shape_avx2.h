// What fits into the 16 registers of AVX2, two of which hold 16 lanes.
#define ROW_BLOCK 6
#define F32_PANELS(rows) ((rows) == 1 ? 4 : (rows) <= 3 ? 2 : 1)
#define BF16_PANELS(rows) ((rows) == 1 ? 3 : (rows) == 2 ? 2 : 1)
#define CODE_PANELS(rows) ((rows) == 1 ? 3 : 1)
/// Six queries are twelve registers of sums, which leaves room for keys or values and a splat one; four fill the rest
/// of the multiply-add's latency just so.
#define ATTENTION_MANY 6
#define ATTENTION_FEW 4
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

/// Half of the first-level cache.
#define CHUNK_BYTES 16384
#define CHUNK_PANELS 1
#define MANY_BLOCKS 4

#define PIN PIN_HALVES
