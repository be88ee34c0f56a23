"""llama.cpp as a decoder: reading many prompts, writing many answers at once, and writing one; the forward pass only,
on ready token ids, without choosing tokens.

    llama_generation_peer.py MODEL.gguf                       prints the settings that suit it best here
    llama_generation_peer.py MODEL.gguf --settings JSON       measures with them

Prompts are tokens by chance; what is measured begins behind passes that are not timed.
"""

import argparse
import json
import os
import random
import time

from llama_cpp_peer import SOURCE, bindings

api = bindings()
quiet = api.llama_log_callback(lambda level, text, data: None)
FLASH_ATTENTION = {"on": 1, "off": 0}
TIMED_STEPS = {"many": 24, "one": 64}


class Session:
    """A context of one set of settings, with the rows' prompts."""

    def __init__(self, model, settings: dict, rows: int, prompt: int, steps: int):
        self.rows, self.prompt = rows, prompt
        self.written = 0
        # Without a common buffer each row has its share, which must hold its prompt and answer.
        share = (prompt + steps + 63) // 64 * 64
        chosen = api.llama_context_default_params()
        chosen.n_ctx = rows * share
        chosen.n_batch = max(rows * prompt, 32)
        chosen.n_ubatch = settings["ubatch"]
        chosen.n_seq_max = rows
        chosen.n_threads = chosen.n_threads_batch = settings["threads"]
        chosen.kv_unified = settings["unified"]
        chosen.flash_attn_type = FLASH_ATTENTION[settings["flash_attention"]]
        self.context = api.llama_init_from_model(model, chosen)
        if not self.context:
            raise SystemExit(f"llama.cpp can't make a context of {settings}")
        self.memory = api.llama_get_memory(self.context)
        count = api.llama_vocab_n_tokens(api.llama_model_get_vocab(model))
        chance = random.Random(rows)
        self.ids = [[chance.randrange(count) for _ in range(prompt)] for _ in range(rows)]

    def free(self) -> None:
        api.llama_free(self.context)

    def decode(self, items: list[tuple[int, int, int, bool]]) -> float:
        """Seconds of a pass over (token, position, row, whether logits are asked for)."""
        batch = api.llama_batch_init(len(items), 0, 1)
        batch.n_tokens = len(items)
        for index, (token, position, row, asks) in enumerate(items):
            batch.token[index] = token
            batch.pos[index] = position
            batch.n_seq_id[index] = 1
            batch.seq_id[index][0] = row
            batch.logits[index] = asks
        start = time.perf_counter()
        status = api.llama_decode(self.context, batch)
        api.llama_synchronize(self.context)
        seconds = time.perf_counter() - start
        api.llama_batch_free(batch)
        if status != 0:
            raise SystemExit(f"llama_decode answered {status}")
        return seconds

    def prefill(self) -> float:
        """Tokens a second."""
        api.llama_memory_clear(self.memory, True)
        self.written = 0
        last = self.prompt - 1
        items = [
            (token, position, row, position == last)
            for row, ids in enumerate(self.ids) for position, token in enumerate(ids)]
        return len(items) / self.decode(items)

    def write(self, steps: int) -> float:
        """Tokens a second behind what has been read and written."""
        seconds = 0.0
        for _ in range(steps):
            position = self.prompt + self.written
            seconds += self.decode([(1000, position, row, True) for row in range(self.rows)])
            self.written += 1
        return self.rows * steps / seconds


def warm(model, settings: dict) -> None:
    session = Session(model, settings, 2, 32, 4)
    session.prefill()
    session.write(4)
    session.free()


def tune(model, cores: int) -> dict:
    """The best settings for each of the three, on smaller work."""
    best: dict[str, tuple[float, dict]] = {}

    def note(what: str, rate: float, settings: dict) -> None:
        if what not in best or rate > best[what][0]:
            best[what] = (rate, settings)

    for threads in sorted({1, cores}):
        for unified in (False, True):
            for flash_attention in FLASH_ATTENTION:
                # Micro-batches of up to llama.cpp's default size.
                for ubatch in ((64, 256, 512) if threads == cores and not unified else (512,)):
                    settings = {
                        "threads": threads, "unified": unified, "flash_attention": flash_attention, "ubatch": ubatch}
                    many = Session(model, settings, 32, 16, 16)
                    many.prefill()
                    if threads == cores:
                        note("prefill", many.prefill(), settings)
                        note("many", many.write(6), settings)
                    many.free()
                    if ubatch != 512:
                        continue
                    one = Session(model, settings, 1, 64, 64)
                    one.prefill()
                    one.write(4)
                    note("one", one.write(24), settings)
                    one.free()
    return {what: settings for what, (_, settings) in best.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("--settings", type=json.loads)
    parser.add_argument("--rows", type=int, default=32)
    parser.add_argument("--prompt", type=int, default=128)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    options = parser.parse_args()
    api.llama_log_set(quiet, None)
    api.llama_backend_init()
    model = api.llama_model_load_from_file(options.model.encode(), api.llama_model_default_params())
    if not model:
        raise SystemExit(f"llama.cpp can't load {options.model}")
    version = (SOURCE / "VERSION").read_text().strip() if (SOURCE / "VERSION").is_file() else "0.3.36"
    answer = {"version": f"llama.cpp of llama-cpp-python {version}"}
    if options.settings is None:
        print(json.dumps(answer | {"settings": tune(model, options.cores)}))
        return
    settings = options.settings
    for what in settings:
        warm(model, settings[what])
    reading = Session(model, settings["prefill"], options.rows, options.prompt, 16)
    answer["prefill"] = reading.prefill()
    reading.free()
    for what, rows in (("many", options.rows), ("one", 1)):
        steps = TIMED_STEPS[what]
        session = Session(model, settings[what], rows, options.prompt, steps + 2)
        session.prefill()
        session.write(2)
        answer[f"decode_{what}"] = session.write(steps)
        session.free()
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
