// exp, log, sin and cos in double precision from basic operations only, so that results do not depend on the machine's
// libm.

#include <math.h>
#include <string.h>

#include "CKernels.h"

static int64_t bits_of(double x) {
  int64_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static double double_of(int64_t bits) {
  double x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static const double kLn2High = 0x1.62e42feep-1, kLn2Low = 0x1.a39ef35793c76p-33;

double ck_log(double x) {
  if (x != x || x < 0) return NAN;
  if (x == 0) return -INFINITY;
  if (x == INFINITY) return x;
  int64_t shift = x < 0x1p-1022 ? 54 : 0;
  int64_t bits = bits_of(shift ? x * 0x1p54 : x) - 0x3fe6a09e667f3bcd;
  double e = (double)((bits >> 52) - shift);
  double f = double_of((bits & 0x000fffffffffffff) + 0x3fe6a09e667f3bcd) - 1.0;
  // log(1 + f) = 2 artanh(s) with s = f / (2 + f), |s| <= 0.1716: the series up to s^23. Computed as f minus a small
  // correction, so that the rounding of s has no visible effect.
  double s = f / (2.0 + f), z = s * s, p = 0;
  for (int i = 23; i >= 3; i -= 2) p = fma(p, z, 2.0 / i);
  double half = 0.5 * f * f;
  double tail = fma(s, fma(p, z, half), e * kLn2Low);
  return fma(e, kLn2High, f - (half - tail));
}

double ck_exp(double x) {
  if (x != x) return x;
  if (x < -746.0) return 0;
  if (x > 710.0) return INFINITY;
  double n = rint(x * 0x1.71547652b82fep+0);
  double r = fma(n, -kLn2Low, fma(n, -kLn2High, x));
  // The Taylor series up to r^13, |r| <= 0.347.
  double p = 1.0;
  for (int i = 13; i >= 2; i--) p = fma(p, r / i, 1.0);
  p = fma(p, r, 1.0);
  int64_t whole = (int64_t)n, part = whole / 2;
  return p * double_of((part + 1023) << 52) * double_of((whole - part + 1023) << 52);
}

/// x minus the nearest multiple of pi / 2; `quadrant` receives the number of that multiple modulo 4.
static double reduced(double x, int *quadrant) {
  // Subtract pi / 2 in three parts. The first subtraction is exact for x converted from single precision.
  double n = rint(x * 0x1.45f306dc9c883p-1);
  double r = fma(n, -0x1.921fb54442d18p+0, x);
  r = fma(n, -0x1.1a62633145c07p-54, r);
  r = fma(n, 0x1.f1976b7ed8fbcp-110, r);
  *quadrant = (int)((int64_t)n & 3);
  return r;
}

/// The Taylor series of the sine to r^17, |r| <= pi / 4.
static double sine_of(double r) {
  static const double c[] = {1.0 / 355687428096000, -1.0 / 1307674368000, 1.0 / 6227020800, -1.0 / 39916800,
                             1.0 / 362880,          -1.0 / 5040,          1.0 / 120,        -1.0 / 6};
  double z = r * r, p = c[0];
  for (int i = 1; i < 8; i++) p = fma(p, z, c[i]);
  return fma(p * z, r, r);
}

/// The Taylor series of the cosine to r^16.
static double cosine_of(double r) {
  static const double c[] = {1.0 / 20922789888000, -1.0 / 87178291200, 1.0 / 479001600, -1.0 / 3628800,
                             1.0 / 40320,          -1.0 / 720,         1.0 / 24,        -0.5};
  double z = r * r, p = c[0];
  for (int i = 1; i < 8; i++) p = fma(p, z, c[i]);
  return fma(p, z, 1.0);
}

double ck_sin(double x) {
  if (!(fabs(x) <= 0x1p24)) return NAN;
  int quadrant;
  double r = reduced(x, &quadrant), y = quadrant & 1 ? cosine_of(r) : sine_of(r);
  return quadrant & 2 ? -y : y;
}

double ck_cos(double x) {
  if (!(fabs(x) <= 0x1p24)) return NAN;
  int quadrant;
  double r = reduced(x, &quadrant), y = quadrant & 1 ? sine_of(r) : cosine_of(r);
  return quadrant == 1 || quadrant == 2 ? -y : y;
}
