// The course's bundled net in the reader's own browser, by LiteRT.js: one grey picture in, seven logits out.
import { loadAndCompile, loadLiteRt, Tensor } from "../litert/core.js";

const here = (name) => new URL(name, import.meta.url).href;
export const facts = await (await fetch(here("facts.json"))).json();
let model = null, loading = null, last = Promise.resolve();

export const load = () => (loading ??= begin());

async function begin() {
  const packed = await fetch(here("../litert/litert.wasm.gz")); // a third of its size, whatever the server does
  const unpacked = packed.body.pipeThrough(new DecompressionStream("gzip"));
  self.Module = { wasmBinary: await new Response(unpacked).arrayBuffer(), print() {}, printErr() {} };
  await loadLiteRt(here("../litert/litert.js"));
  model = await loadAndCompile(here("net.tflite"), { accelerator: "wasm" });
}

// One picture after the other: the interpreter has room for one.
export function logits(grey) {
  last = last.catch(() => {}).then(() => run(grey));
  return last;
}

async function run(grey) {
  const [{ shape }] = model.getInputDetails();
  const picture = new Tensor(Float32Array.from(grey), Array.from(shape));
  try {
    const answers = await model.run([picture]);
    const values = Array.from(await answers[0].data());
    answers.forEach((answer) => answer.delete());
    return values;
  } finally {
    picture.delete();
  }
}

export function softmax(values) {
  const most = Math.max(...values), powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}
