#!/usr/bin/env python3
"""What huggingface_hub sees in a cache, for the tests of stores.

    python make_store_fixtures.py [OUTPUT]

lays out a cache as huggingface_hub does, reads it with the library's own `scan_cache_dir`, and writes the layout beside what was
found into OUTPUT (default: `stores.json` beside this script). The test lays out the same files and compares.

    tree          paths in the cache: {"bytes": n} a file of n bytes, {"text": …} a file, {"link": target} a link
    repositories  what the library found: id, references with their commits, and the bytes of the safetensors files of each commit
"""
import json, os, sys, tempfile

from huggingface_hub import scan_cache_dir

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.join(HERE, "stores.json")

COMMITS = [digit * 40 for digit in "abcdef"]
BLOBS = [digit * 64 for digit in "0123456789"]

tree = {}


def blob(repository, number, **content):
    tree[f"{repository}/blobs/{BLOBS[number]}"] = content


def snapshot(repository, commit, **files):
    for name, number in files.items():
        name = name.replace("__", ".")
        tree[f"{repository}/snapshots/{COMMITS[commit]}/{name}"] = {"link": f"../../blobs/{BLOBS[number]}"}


def reference(repository, name, commit):
    tree[f"{repository}/refs/{name}"] = {"text": COMMITS[commit]}


# Two commits that share their weights, and a reference to each.
repository = "models--org--two-commits"
blob(repository, 0, text="{}")
blob(repository, 1, text='{"a": 1}')
blob(repository, 2, bytes=3000)
snapshot(repository, 0, config__json=0, model__safetensors=2)
snapshot(repository, 1, config__json=1, model__safetensors=2)
reference(repository, "main", 1)
reference(repository, "v1.0", 0)
reference(repository, "pr/1", 0)
# A repository without an organization, with weights in two files.
repository = "models--plain"
blob(repository, 0, text="{}")
blob(repository, 1, bytes=100)
blob(repository, 2, bytes=200)
tree[f"{repository}/snapshots/{COMMITS[2]}/config.json"] = {"link": f"../../blobs/{BLOBS[0]}"}
for number in (1, 2):
    tree[f"{repository}/snapshots/{COMMITS[2]}/model-0000{number}-of-00002.safetensors"] = {"link": f"../../blobs/{BLOBS[number]}"}
reference(repository, "main", 2)
# Names with hyphens and dots, and a repository of another type.
repository = "models--a.b--c-d_e.f"
blob(repository, 3, text="{}")
blob(repository, 4, bytes=5)
snapshot(repository, 3, config__json=3, model__safetensors=4)
reference(repository, "main", 3)
repository = "datasets--org--texts"
blob(repository, 5, text="x")
snapshot(repository, 4, data__txt=5)
reference(repository, "main", 4)


def lay_out(folder):
    for path, content in tree.items():
        full = os.path.join(folder, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        if "link" in content: os.symlink(content["link"], full)
        else:
            with open(full, "wb") as file: file.write(content["text"].encode() if "text" in content else b"\0" * content["bytes"])


def found(repository):
    commits = {}
    references = {}
    for revision in repository.revisions:
        weights = [file.size_on_disk for file in revision.files if file.file_name.endswith(".safetensors")]
        commits[revision.commit_hash] = sum(weights)
        for name in revision.refs: references[name] = revision.commit_hash
    return {"id": repository.repo_id, "references": dict(sorted(references.items())), "commits": dict(sorted(commits.items()))}


with tempfile.TemporaryDirectory() as folder:
    lay_out(folder)
    scanned = scan_cache_dir(folder)
    assert not scanned.warnings, scanned.warnings
    repositories = sorted((found(r) for r in scanned.repos if r.repo_type == "model"), key=lambda r: r["id"])

with open(OUT, "w") as file:
    json.dump({"tree": tree, "repositories": repositories}, file, indent=1)
    file.write("\n")
