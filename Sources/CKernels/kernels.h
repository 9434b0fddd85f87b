// All kernels of one instruction set. Included by isa_*.c inside the target attribute, after defining the block shape
// (shapes.h) and DOT_* for the dot-product instructions available.

#include "lanes.h"
// functions.h comes first, because other kernels inline its functions.
#include "functions.h"
#include "rows.h"
#include "dropout.h"
#include "packing.h"
#include "dots.h"
#include "stored_dots.h"
#include "products.h"
#include "attention.h"
#include "gradients.h"
#include "attention_gradient.h"

const ck_kernels KERNEL_TABLE = {
    .isa = KERNEL_ISA,
    .name = KERNEL_NAME,
    .row_block = ROW_BLOCK,
    .panels_at_once = kernel_panels_at_once,
    .pair_bytes = PAIR_WORDS * 4,
    .quantum_bytes = QUANTUM_WORDS * 4,
    .wide_quantum_bytes = WIDE_WORDS * 4,
    .pack_f32 = kernel_pack_f32,
    .pack_bf16 = kernel_pack_bf16,
    .pack_8bit = kernel_pack_8bit,
    .pack_16bit = kernel_pack_16bit,
    .pack_15bit = kernel_pack_15bit,
    .multiply_f32 = kernel_multiply_f32,
    .multiply_bf16 = kernel_multiply_bf16,
    .multiply_q8 = kernel_multiply_q8,
    .multiply_q4 = kernel_multiply_q4,
    .multiply_f16 = kernel_multiply_f16,
    .multiply_q8_0 = kernel_multiply_q8_0,
    .multiply_q4_0 = kernel_multiply_q4_0,
    .multiply_q4_k = kernel_multiply_q4_k,
    .multiply_q5_k = kernel_multiply_q5_k,
    .multiply_q6_k = kernel_multiply_q6_k,
    .exp = kernel_exp,
    .log = kernel_log,
    .tanh = kernel_tanh,
    .erf = kernel_erf,
    .activate = kernel_activate,
    .add = kernel_add,
    .multiply = kernel_multiply,
    .scale = kernel_scale,
    .drop = kernel_drop,
    .layer_norm = kernel_layer_norm,
    .rms_norm = kernel_rms_norm,
    .softmax = kernel_softmax,
    .log_softmax = kernel_log_softmax,
    .measure = kernel_measure,
    .rank = kernel_rank,
    .rotate = kernel_rotate,
    .lay_keys = kernel_lay_keys,
    .attend = kernel_attend,
    .add_rows = kernel_add_rows,
    .multiply_add = kernel_multiply_add,
    .scale_add = kernel_scale_add,
    .drop_back = kernel_drop_back,
    .activate_back = kernel_activate_back,
    .layer_norm_back = kernel_layer_norm_back,
    .rms_norm_back = kernel_rms_norm_back,
    .norm_weights_back = kernel_norm_weights_back,
    .softmax_back = kernel_softmax_back,
    .log_softmax_back = kernel_log_softmax_back,
    .cross_entropy = kernel_cross_entropy,
    .attend_back = kernel_attend_back,
    .square_sum = kernel_square_sum,
    .adam = kernel_adam,
};
