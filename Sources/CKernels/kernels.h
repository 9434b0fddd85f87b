// All kernels for one instruction set: included by isa_*.c inside its target attribute, after ROW_BLOCK, PANELS_FOR_n
// and ATTENTION_* have said what fits into its registers.

#include "lanes.h"
// The functions on lanes come first: the other kernels inline them.
#include "functions.h"
#include "rows.h"
#include "matrix.h"
#include "attention.h"

const ck_kernels KERNEL_TABLE = {
    .isa = KERNEL_ISA,
    .name = KERNEL_NAME,
    .row_block = ROW_BLOCK,
    .pack_rows = kernel_pack_rows,
    .multiply_f32 = kernel_multiply_f32,
    .exp = kernel_exp,
    .log = kernel_log,
    .tanh = kernel_tanh,
    .erf = kernel_erf,
    .activate = kernel_activate,
    .add = kernel_add,
    .multiply = kernel_multiply,
    .scale = kernel_scale,
    .layer_norm = kernel_layer_norm,
    .rms_norm = kernel_rms_norm,
    .softmax = kernel_softmax,
    .log_softmax = kernel_log_softmax,
    .measure = kernel_measure,
    .rank = kernel_rank,
    .attend = kernel_attend,
};
