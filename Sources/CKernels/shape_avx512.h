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
