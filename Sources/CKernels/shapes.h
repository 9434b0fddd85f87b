// Block shapes for each register file. Include after defining SHAPE_AVX2, SHAPE_AVX512 or SHAPE_NEON, or none of them
// for plain C.
//
// ROW_BLOCK is the number of input rows per block, *_PANELS the number of panels per register block, ATTENTION_* the
// number of queries, value vectors and key blocks per register block.

#if defined(SHAPE_AVX2)

// AVX2: 16 registers, two per 16 lanes.
#define ROW_BLOCK 6
#define F32_PANELS(rows) ((rows) == 1 ? 4 : (rows) <= 3 ? 2 : 1)
#define BF16_PANELS(rows) ((rows) == 1 ? 3 : (rows) == 2 ? 2 : 1)
#define CODE_PANELS(rows) ((rows) == 1 ? 3 : 1)
/// Six queries need twelve registers for sums, which leaves room for a vector of keys or values and a broadcast query.
/// Four independent accumulators still hide the FMA latency.
#define ATTENTION_MANY 6
#define ATTENTION_FEW 4
#define ATTENTION_WIDE_MANY 1
#define ATTENTION_DEEP_MANY 1

/// Half of the L1 cache.
#define CHUNK_BYTES 16384
#define CHUNK_PANELS 1
#define MANY_BLOCKS 4

#define PIN PIN_HALVES

#elif defined(SHAPE_AVX512)

// AVX-512: 32 registers of 16 lanes.
#define ROW_BLOCK 8
#define F32_PANELS(rows) ((rows) <= 5 ? 4 : 3)
#define BF16_PANELS(rows) ((rows) <= 5 ? 4 : 3)
#define CODE_PANELS(rows) ((rows) <= 3 ? 4 : (rows) == 4 ? 3 : 2)
#define ATTENTION_MANY CK_QUERY_BLOCK
#define ATTENTION_WIDE_MANY 2
#define ATTENTION_DEEP_MANY 2

/// Three panels of 512 floats: a share of the L2 cache that leaves room for the inputs of many rows.
#define CHUNK_BYTES 98304
#define CHUNK_PANELS 3
#define MANY_BLOCKS 4

#define PIN(v) __asm__ volatile("" : "+v"(v))

#elif defined(SHAPE_NEON)

// NEON: 32 registers, four per 16 lanes.
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
