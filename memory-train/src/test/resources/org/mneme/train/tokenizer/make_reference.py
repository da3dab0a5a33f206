# SPDX-License-Identifier: Apache-2.0
"""Makes reference.json from corpus.jsonl with Hugging Face's tokenizers (made with 0.23.2).

    pip install tokenizers && python make_reference.py
"""
import json
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

texts = [json.loads(line)["text"] for line in open("corpus.jsonl", encoding="utf-8")]
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
trainer = trainers.BpeTrainer(
    vocab_size=420,
    min_frequency=2,
    special_tokens=["<pad>", "<s>", "</s>"],
    initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
    show_progress=False,
)
tokenizer.train_from_iterator(texts, trainer)
vocabulary = tokenizer.get_vocab()
reference = {
    "tokens": sorted(vocabulary, key=vocabulary.get),
    "merges": json.loads(tokenizer.to_str())["model"]["merges"],
    "ids": [tokenizer.encode(text).ids for text in texts],
}
with open("reference.json", "w", encoding="utf-8") as out:
    json.dump(reference, out, ensure_ascii=False)
    out.write("\n")
