// Drives camera.js without a browser: elements that remember, a camera that refuses and then works, a Python that answers.
// Prints what a user would have seen, as JSON, a step a line.
class Element {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attrs: {}, dataset: {}, on: {}, hidden: false, disabled: false, width: 0, height: 0,
      videoWidth: 640, videoHeight: 480, textContent: "", value: "", classList: { toggle() {} } });
  }
  setAttribute(name, value) { this.attrs[name] = value; }
  append(...parts) { this.children.push(...parts); }
  replaceChildren(...parts) { this.children = parts; }
  addEventListener(kind, listener) { this.on[kind] = listener; }
  getContext() {
    return new Proxy({}, { get: (kept, name) => (name === "measureText" ? () => ({ width: 9 }) : kept[name] ?? (() => {})), set: () => true });
  }
  toBlob(done) { setTimeout(() => done({ arrayBuffer: async () => new ArrayBuffer(8) }), 1); }
  requestVideoFrameCallback(next) { return setTimeout(next, 4); }
  async play() {}
  click() { step("saved", this.attrs.download.slice(0, 7)); }
}

let refusal = "NotAllowedError", stopped = 0;
const devices = [{ kind: "videoinput", deviceId: "a", label: "A" }, { kind: "videoinput", deviceId: "b", label: "" }];
const track = { stop: () => { stopped += 1; }, addEventListener() {}, getSettings: () => ({ deviceId: "a" }) };
const mediaDevices = {
  async getUserMedia() {
    if (refusal) throw Object.assign(new Error("said by the test"), { name: refusal });
    return { getTracks: () => [track], getVideoTracks: () => [track] };
  },
  enumerateDevices: async () => devices,
};
globalThis.document = { createElement: (tag) => new Element(tag), hidden: false };
globalThis.window = { isSecureContext: false };
globalThis.Option = class { constructor(label, value) { Object.assign(this, { label, value }); } };
Object.defineProperty(globalThis, "navigator", { configurable: true, value: { mediaDevices } });
Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL() {} });

const { render } = (await import(process.argv[2])).default;
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
const step = (name, value) => console.log(JSON.stringify([name, value]));
const traits = { classes: ["angry", "disgust", "fear", "happy", "neutral", "sad", "surprise"], consent: "C", place: "P", width: 640, in_flight: 3, seconds: 20 };
const sent = [], heard = {};
const tell = (message) => heard["msg:custom"]({ run: sent.filter((one) => one.kind === "start").at(-1).run, ...message });
const model = {
  get: (name) => traits[name],
  send: (content) => sent.push(content),
  on: (name, listener) => { heard[name] = listener; },
  off() {},
};
const holder = new Element("div"), end = render({ model, el: holder });
const all = (wanted, part = holder) => [...(wanted(part) ? [part] : []), ...part.children.filter((one) => one instanceof Element).flatMap((one) => all(wanted, one))];
const button = (text) => all((one) => one.tag === "button" && one.textContent === text)[0];
const role = (name) => all((one) => one.attrs.role === name)[0];
const start = button("Start"), root = holder.children[0], consent = all((one) => one.tag === "input")[0];
const frames = () => sent.filter((one) => one.kind === "frame");
const face = { box: [1, 2, 30, 40], emotion: "happy", probabilities: [0, 0, 0, 0.8, 0.1, 0.05, 0.05] };

step("before consent", [start.disabled, sent.length]);
consent.checked = true;
consent.on.change();
step("after consent", [start.disabled, sent[0].kind, sent[0].yes]);
await start.on.click();
step("insecure", role("alert").textContent);
window.isSecureContext = true;
await start.on.click();
step("refused", role("alert").textContent);
refusal = "";
await start.on.click();
await wait(30);
step("before Python is ready", [start.textContent, frames().length, role("alert").textContent]);
tell({ kind: "loading" });
tell({ kind: "ready" });
await wait(80);
step("in flight", frames().map((one) => one.id));
for (const id of [1, 0, 2]) tell({ kind: "faces", id, faces: [face] });
step("the late answer is passed over", [root.dataset.answers, root.dataset.box, root.dataset.emotion, root.dataset.flying]);
await wait(80);
step("then", frames().map((one) => one.id));
tell({ kind: "text", id: 3 });
await wait(40);
step("as text", typeof frames().at(-1).data);
tell({ kind: "faces", id: 2, run: "another", faces: [] });
step("another run", root.dataset.answers);
button("Snapshot").on.click();
button("Save as a file").on.click();
await wait(20);
button("Forget it").on.click();
all((one) => one.tag === "input").slice(1).forEach((one) => one.on.change());
heard.comm_live_update();
step("kernel gone", [role("alert").textContent, start.textContent, stopped]);
await start.on.click();
tell({ kind: "problem", text: "Python stopped looking." });
step("problem", [role("alert").textContent, start.textContent, stopped]);
end();
step("sent", [...new Set(sent.map((one) => one.kind))].sort());
process.exit(0);
