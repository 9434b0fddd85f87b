// Block shapes of the kernels for each register file. Include after defining SHAPE_AVX2, SHAPE_AVX512 or SHAPE_NEON;
// none of them selects plain C.

#if defined(SHAPE_AVX2)

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

#elif defined(SHAPE_AVX512)

// What fits into the 32 registers of AVX-512.
#define ROW_BLOCK 8
#define F32_PANELS(rows) ((rows) <= 5 ? 4 : 3)
#define BF16_PANELS(rows) ((rows) <= 5 ? 4 : 3)
#define CODE_PANELS(rows) ((rows) <= 3 ? 4 : (rows) == 4 ? 3 : 2)
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 2
#define ATTENTION_DEEP_MANY 2

/// Three panels of 512 floats: their share of the second-level cache leaves room for the inputs of many rows.
#define CHUNK_BYTES 98304
#define CHUNK_PANELS 3
#define MANY_BLOCKS 4

#define PIN(v) __asm__ volatile("" : "+v"(v))

#elif defined(SHAPE_NEON)

// What fits into the 32 registers of NEON, four of which hold 16 lanes.
#define ROW_BLOCK 6
#define F32_PANELS(rows) ((rows) == 1 ? 4 : (rows) == 2 ? 3 : (rows) == 3 ? 2 : 1)
#define BF16_PANELS(rows) ((rows) == 1 ? 3 : (rows) == 2 ? 2 : 1)
#define CODE_PANELS(rows) ((rows) == 1 ? 2 : 1)
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#else

#define ROW_BLOCK 4
#define F32_PANELS(rows) 1
#define BF16_PANELS(rows) 1
#define CODE_PANELS(rows) 1
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

#endif
