// While bf16 sums run without a dot product of their own, the processor itself takes subnormal numbers for zero: flush
// to zero, denormals are zero, all exceptions masked. Included inside a target attribute, after PIN(vector).

/// `PIN` where sixteen lanes are two registers.
#define PIN_HALVES(v)                             \
  do {                                            \
    v8 low = (v).lo, high = (v).hi;               \
    __asm__ volatile("" : "+x"(low), "+x"(high)); \
    (v).lo = low;                                 \
    (v).hi = high;                                \
  } while (0)

/// Makes what is computed with the sums stay on its side of this place: the compiler does not know that the control
/// register matters to them.
INLINE void pin(const int count, v16 *sums) {
  UNROLL for (int i = 0; i < count; i++) PIN(sums[i]);
}

#define BEGIN_FLUSHING(count, sums) \
  uint32_t mode = _mm_getcsr();     \
  pin(count, sums);                 \
  _mm_setcsr(mode | 0x9fc0);        \
  pin(count, sums)
#define END_FLUSHING(count, sums) \
  pin(count, sums);               \
  _mm_setcsr(mode);               \
  pin(count, sums)
