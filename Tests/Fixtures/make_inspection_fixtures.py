#!/usr/bin/env python3
"""Makes Tests/Fixtures/inspection/internals.safetensors: what transformers computes inside tiny models.

Run after make_fixtures.py and the scripts beside it. Needs torch, transformers 5.24 and safetensors; the output is the
same at every run. Everything is computed in double precision.

    python3 Tests/Fixtures/make_inspection_fixtures.py

For each folder NAME of Tests/Fixtures/models, with the first ids of its reference (`NAME/ids`, `NAME/decoder_ids`):

- `NAME/encoder.attention.L`, `NAME/decoder.attention.L`, `NAME/cross.L`: attention weights, `[heads, rows, keys]`.
- `NAME/encoder.norms`, `NAME/decoder.norms`: L2 norms of the residual stream, `[layers + 1, rows]`.
- `NAME/lens.L`: the logits of the last row if the output of the last layer is replaced by the residual stream before
  layer L.
- `NAME/without.STACK.KIND`: the logits of all rows if the output projection of that sublayer of the last layer has the
  weight zero, for KIND attention, cross and feed_forward. `NAME/without.head` lacks one head of the first layer's
  self-attention of the stack that predicts tokens, `NAME/without.encoder` the whole first layer of the encoder.
- `NAME/attribution`: for each part what it adds to the difference of the logits of ids 1 and 2 in the last row, with
  the final norm held: the embedding; for each layer its heads, the cross-attention's heads, the feed-forward layer and
  the biases; the final biases.
- `gpt2/steered`: the logits of all rows if 1.5 times the direction of `control.safetensors` is added to the output of
  the last layer. `control.gguf` is the same control vector as llama.cpp stores it.
- `NAME/patched.STACK`: the logits of all rows if the output of the first layer of the stack at position 2 is that of
  the reversed ids.
"""

import os
import re

import gguf
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoConfig

import make_causal_fixtures
import make_encdec_fixtures
import make_masked_fixtures
from make_fixtures import CLASSES

HERE = os.path.dirname(os.path.abspath(__file__))
ROWS = 9

NAMES = """albert bert camembert distilbert electra modernbert roberta
gemma2 gemma3 gpt-neo gpt-neox gpt-neox-serial gpt2 llama llama-wide mistral olmo2 olmo2-biased opt opt-plain
opt-projected phi3 qwen2-sliding qwen3
bart m2m-100 marian mbart mt5 t5 t5-v1.1 t5-scaled umt5""".split()

# Names of the output projections of sublayers.
ATTENTION = re.compile(
    r"(attn\.c_proj|attention\.out_proj|self_attn\.(out|o)_proj|attention\.dense|attention\.output\.dense"
    r"|attention\.out_lin|attn\.Wo|SelfAttention\.o)$"
)
CROSS = re.compile(r"(EncDecAttention\.o|encoder_attn\.out_proj)$")
FEED_FORWARD = re.compile(
    r"(mlp\.c_proj|fc2|mlp\.dense_4h_to_h|mlp\.down_proj|\d\.output\.dense|ffn\.lin2|ffn_output|mlp\.Wo"
    r"|DenseReluDense\.wo)$"
)
KINDS = {"attention": ATTENTION, "cross": CROSS, "feed_forward": FEED_FORWARD}


def blocks(stack):
    """The list of layers of a stack: the largest list of modules in it."""
    lists = [m for m in stack.modules() if isinstance(m, torch.nn.ModuleList)]
    return list(max(lists, key=lambda m: sum(1 for _ in m.modules())))


def outputs(block):
    """The output projections of a layer, by kind, in the order of a pass."""
    found = {}
    for kind, pattern in KINDS.items():
        for name, module in block.named_modules():
            if pattern.search("0." + name):
                found[kind] = module
    return found


def first(x):
    return x[0] if isinstance(x, tuple) else x


class Watched:
    """A model with hooks on its layers and output projections."""

    def __init__(self, name):
        folder = f"{HERE}/models/{name}"
        config = AutoConfig.from_pretrained(folder)
        model_class = CLASSES[config.model_type][1]
        self.model = model_class.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
        self.model = self.model.double().eval()
        reference = load_file(f"{folder}/reference.safetensors")
        self.ids = reference["ids"].long()[:ROWS]
        self.decoder_ids = reference["decoder_ids"].long()[:ROWS - 2] if "decoder_ids" in reference else None
        self.stacks = {}
        if self.decoder_ids is not None:
            self.stacks = {
                "encoder": blocks(self.model.get_encoder()),
                "decoder": blocks(self.model.get_decoder()),
            }
            self.main = "decoder"
        else:
            self.main = "decoder" if name in make_causal_names() else "encoder"
            self.stacks = {self.main: blocks(self.model)}
        self.repeats = 1
        if config.model_type == "albert":
            # Layers of one group are the same modules: hooks run once for each pass through them.
            self.repeats = config.num_hidden_layers
        self.streams, self.inputs = {}, {}
        for stack, layers in self.stacks.items():
            for index, block in enumerate(layers):
                block.register_forward_pre_hook(self.note_stream(stack, index), with_kwargs=True)
                for kind, module in outputs(block).items():
                    module.register_forward_pre_hook(self.note_input(stack, index, kind))
            layers[-1].register_forward_hook(self.note_end(stack))

    def note_stream(self, stack, index):
        def hook(module, args, kwargs):
            x = args[0] if args else kwargs["hidden_states"]
            self.streams.setdefault(stack, []).append(x[0].detach().clone())
        return hook

    def note_end(self, stack):
        def hook(module, args, result):
            self.ends[stack] = first(result)[0].detach().clone()
        return hook

    def note_input(self, stack, index, kind):
        def hook(module, args):
            self.inputs[stack, index, kind] = args[0].detach().reshape(-1, args[0].shape[-1]).clone()
        return hook

    def run(self, **more):
        self.streams, self.inputs, self.ends = {}, {}, {}
        ids = {"input_ids": self.ids[None]}
        if self.decoder_ids is not None:
            ids["decoder_input_ids"] = self.decoder_ids[None]
        with torch.no_grad():
            return self.model(**ids, **more)


def make_causal_names():
    return set("""gemma2 gemma3 gpt-neo gpt-neox gpt-neox-serial gpt2 llama llama-wide mistral olmo2 olmo2-biased opt
    opt-plain opt-projected phi3 qwen2-sliding qwen3""".split())


def weight_matrix(module):
    """The weight as [outputs, inputs]; GPT-2 stores it the other way."""
    return module.weight.T if type(module).__name__ == "Conv1D" else module.weight


def without(watched, module, columns=slice(None)):
    """The logits if columns of a projection are zero."""
    saved = module.weight.data.clone()
    with torch.no_grad():
        weight_matrix(module)[:, columns] = 0
    logits = watched.run().logits[0]
    module.weight.data = saved
    return logits


def lens(watched, streams):
    """The logits of the last row if the last layer's output is replaced."""
    last = watched.stacks[watched.main][-1]
    result = []
    for stream in streams:
        def hook(module, args, output, stream=stream):
            return (stream[None], *output[1:]) if isinstance(output, tuple) else stream[None]
        handle = last.register_forward_hook(hook)
        result.append(watched.run().logits[0, -1])
        handle.remove()
    return result


def held_norm(norm, x):
    """The factor and the shift of a norm with the statistics of x, as functions of a vector."""
    weight = torch.ones_like(x) if norm.weight is None else norm.weight
    if "Gemma" in type(norm).__name__:
        weight = 1 + weight
    epsilon = getattr(norm, "variance_epsilon", None) or getattr(norm, "eps", None)
    if isinstance(norm, torch.nn.LayerNorm):
        scale = (x.var(unbiased=False) + norm.eps) ** -0.5
        return lambda v: (v - v.mean()) * scale * weight, torch.zeros_like(x) if norm.bias is None else norm.bias
    scale = (x.pow(2).mean() + epsilon) ** -0.5
    return lambda v: v * scale * weight, torch.zeros_like(weight)


FINAL_NORM = {
    "gpt2": "transformer.ln_f", "gpt_neo": "transformer.ln_f", "gpt_neox": "gpt_neox.final_layer_norm",
    "opt": "model.decoder.final_layer_norm", "t5": "decoder.final_layer_norm", "mt5": "decoder.final_layer_norm",
    "umt5": "decoder.final_layer_norm", "mbart": "model.decoder.layer_norm", "m2m_100": "model.decoder.layer_norm",
}


def attribution(watched, heads):
    """What each part adds to the difference of two logits, in the order of the module's documentation."""
    model, config = watched.model, watched.model.config
    logits = watched.run().logits[0, -1]
    stream = watched.ends[watched.main][-1]
    path = FINAL_NORM.get(config.model_type, "model.norm")
    parent, _, leaf = path.rpartition(".")
    norm = getattr(model.get_submodule(parent), leaf)
    normed, shift = held_norm(norm, stream) if norm is not None else ((lambda v: v), torch.zeros_like(stream))
    head = model.get_output_embeddings()
    factor = config.d_model**-0.5 if getattr(config, "scale_decoder_outputs", False) else 1
    rows = head.weight[[1, 2]] * factor
    bias = getattr(model, "final_logits_bias", None)
    bias = torch.zeros(2) if bias is None else bias[0, [1, 2]]
    project = getattr(getattr(getattr(model, "model", None), "decoder", None), "project_out", None)
    if project is not None:
        rows = rows @ project.weight
    cap = getattr(config, "final_logit_softcapping", None)
    ratio = torch.ones(2)
    if cap:
        ratio = logits[[1, 2]] / (torch.atanh(logits[[1, 2]] / cap) * cap)

    def difference(vector):
        both = rows @ vector * ratio
        return (both[0] - both[1]).item()

    parts = [difference(normed(watched.streams[watched.main][0][-1]))]
    for index, block in enumerate(watched.stacks[watched.main]):
        biases = 0.0
        for kind, module in outputs(block).items():
            inner = watched.inputs[watched.main, index, kind][-1]
            after, norm = (lambda v: v), None
            if kind == "attention":
                norm = getattr(block, "post_attention_layernorm", None)
            if kind == "feed_forward":
                norm = getattr(block, "post_feedforward_layernorm", None)
            if norm is not None and hasattr(block, "post_feedforward_layernorm"):
                after, _ = held_norm(norm, module(inner))
            count = 1 if kind == "feed_forward" else heads
            width = inner.shape[0] // count
            for part in range(count):
                kept = torch.zeros_like(inner)
                kept[part * width : (part + 1) * width] = inner[part * width : (part + 1) * width]
                parts.append(difference(normed(after(weight_matrix(module) @ kept))))
            if module.bias is not None:
                biases += difference(normed(after(module.bias)))
        parts.append(biases)
    final = (rows @ shift + bias) * ratio
    parts.append((final[0] - final[1]).item())
    total = (logits[1] - logits[2]).item()
    # Gemma computes its norms in single precision.
    assert abs(sum(parts) - total) < 1e-5, (sum(parts), total)
    return torch.tensor(parts)


def internals(name):
    watched = Watched(name)
    result = watched.run(output_attentions=True)
    out = {"ids": watched.ids}
    if watched.decoder_ids is not None:
        out["decoder_ids"] = watched.decoder_ids
        weights = {
            "encoder.attention": result.encoder_attentions, "decoder.attention": result.decoder_attentions,
            "cross": result.cross_attentions,
        }
    else:
        weights = {f"{watched.main}.attention": result.attentions}
    for kind, layers in weights.items():
        out |= {f"{kind}.{index}": layer[0] for index, layer in enumerate(layers)}
    for stack in watched.stacks:
        streams = watched.streams[stack] + [watched.ends[stack]]
        out[f"{stack}.norms"] = torch.stack([stream.norm(dim=-1) for stream in streams])
    streams = watched.streams[watched.main]
    out |= {f"lens.{index}": logits for index, logits in enumerate(lens(watched, streams))}
    if watched.repeats == 1:
        for stack, layers in watched.stacks.items():
            for kind, module in outputs(layers[-1]).items():
                out[f"without.{stack}.{kind}"] = without(watched, module)
        module = outputs(watched.stacks[watched.main][0])["attention"]
        heads = out[f"{watched.main}.attention.0"].shape[0]
        width = weight_matrix(module).shape[1] // heads
        out["without.head"] = without(watched, module, slice(width, 2 * width))
        for stack in watched.stacks:
            out[f"patched.{stack}"] = patched(watched, stack)
    plain = {"opt-projected", "bart", "marian"} if watched.main == "decoder" else {name}
    if name not in plain:
        out["attribution"] = attribution(watched, heads)
    return {f"{name}/{key}": value.to(torch.float32).contiguous() for key, value in out.items()}


def patched(watched, stack):
    """The logits if the first layer's output at position 2 comes from the reversed ids."""
    forward = (watched.ids, watched.decoder_ids)
    if stack == "decoder" and watched.decoder_ids is not None:
        watched.decoder_ids = watched.decoder_ids.flip(0)
    else:
        watched.ids = watched.ids.flip(0)
    watched.run()
    row = (watched.streams[stack] + [watched.ends[stack]])[1][2]
    watched.ids, watched.decoder_ids = forward

    def hook(module, args, output):
        x = first(output).clone()
        x[0, 2] = row
        return (x, *output[1:]) if isinstance(output, tuple) else x

    handle = watched.stacks[stack][0].register_forward_hook(hook)
    logits = watched.run().logits[0]
    handle.remove()
    return logits


def steered():
    """Makes control vectors for gpt2 and returns the logits under one."""
    watched = Watched("gpt2")
    width = watched.model.config.n_embd
    direction = torch.randn(width, generator=torch.Generator().manual_seed(5))
    folder = f"{HERE}/inspection"
    save_file({"direction.1": direction}, f"{folder}/control.safetensors")
    writer = gguf.GGUFWriter(f"{folder}/control.gguf", "controlvector")
    writer.add_string("controlvector.model_hint", "gpt2")
    writer.add_uint32("controlvector.layer_count", 1)
    writer.add_tensor("direction.1", direction.numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    last = watched.stacks["decoder"][-1]

    def hook(module, args, output):
        x = first(output) + 1.5 * direction.double()
        return (x, *output[1:]) if isinstance(output, tuple) else x

    handle = last.register_forward_hook(hook)
    logits = watched.run().logits[0]
    handle.remove()
    return logits.to(torch.float32)


if __name__ == "__main__":
    torch.set_num_threads(1)
    tensors = {}
    for name in NAMES:
        tensors |= internals(name)
        print(name)
    tensors["gpt2/steered"] = steered()
    save_file(tensors, f"{HERE}/inspection/internals.safetensors")
