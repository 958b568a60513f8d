// The front page: drawn faces to click, one face whose muscles move, a picture of one's own. Everything is computed here.
import { grey, shrink } from "./shrink.js";

const $ = (id) => document.getElementById(`front-${id}`);
const base = new URL(".", import.meta.url).href;
const percent = (share) => `${(100 * share).toFixed(1)}%`;
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
const WHY = {
  NotAllowedError: "The camera was refused. Allow it for this page (the sign at the left of the address), and try again.",
  NotFoundError: "No camera was found. Choose a picture instead.",
  NotReadableError: "The camera is in use by another program. Close that, and try again.",
};
let net, facts;

function made(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// ---- pictures

function canvasOf(source, width, height) {
  const canvas = made("canvas", { width, height });
  const brush = canvas.getContext("2d", { willReadFrequently: true });
  brush.fillStyle = "#fff"; // behind a transparent picture
  brush.fillRect(0, 0, width, height);
  brush.drawImage(source, 0, 0, width, height);
  return canvas;
}

async function picture(address) {
  const image = new Image();
  image.src = address;
  await image.decode();
  return canvasOf(image, image.naturalWidth, image.naturalHeight);
}

// The square of a canvas as the net gets it.
function small(canvas, left = 0, top = 0, side = canvas.width) {
  const pixels = canvas.getContext("2d").getImageData(left, top, side, side).data;
  return shrink(grey(pixels), side, facts.net.side);
}

function showSmall(pixels) {
  const canvas = $("small"), side = facts.net.side;
  canvas.width = canvas.height = side;
  const data = new ImageData(side, side);
  pixels.forEach((value, i) => data.data.set([value, value, value, 255], 4 * i));
  canvas.getContext("2d").putImageData(data, 0, 0);
}

// ---- bars

function rows(table) {
  const body = made("tbody");
  table.append(body);
  return facts.classes.map((name) => {
    const bar = made("span", { class: "front-fill" }), dot = made("span", { class: "front-dot", hidden: "" });
    const number = made("td", { class: "front-number" }), now = made("td", { class: "front-number front-now" });
    const track = made("div", { class: "front-track" }, bar, dot);
    const row = made("tr", {}, made("th", { scope: "row" }, name), made("td", { "aria-hidden": "true" }, track), number, now);
    body.append(row);
    return { row, bar, dot, number, now };
  });
}

function show(bars, shares, votes = null) {
  const most = Math.max(...shares), all = votes?.reduce((a, b) => a + b, 0);
  bars.forEach(({ row, bar, dot, number }, i) => {
    row.classList.toggle("front-most", shares[i] === most);
    bar.style.width = `${100 * shares[i]}%`;
    number.textContent = percent(shares[i]);
    dot.hidden = !votes?.[i];
    if (votes) dot.style.left = `${(100 * votes[i]) / all}%`;
  });
  return facts.classes[shares.indexOf(most)];
}

function showChanges(bars, changes, shares) {
  const reach = Math.max(4, ...changes.map(Math.abs)), most = Math.max(...shares);
  bars.forEach(({ row, bar, number, now }, i) => {
    const width = (50 * Math.abs(changes[i])) / reach;
    row.classList.toggle("front-most", shares[i] === most);
    bar.classList.toggle("front-down", changes[i] < 0);
    bar.style.width = `${width}%`;
    bar.style.left = changes[i] < 0 ? `${50 - width}%` : "50%";
    number.textContent = signed(changes[i]);
    now.textContent = percent(shares[i]);
  });
}

const listed = (votes) => facts.classes.map((name, i) => [votes[i], name]).filter(([count]) => count)
  .sort((a, b) => b[0] - a[0]).map(([count, name]) => `${count} ${name}`).join(", ");

// ---- 1 the grid

function grid() {
  const bars = rows($("bars"));
  let asked = 0;
  async function choose(i) {
    const mine = ++asked, face = facts.faces[i], canvas = await picture(address(i)), pixels = small(canvas);
    const shares = net.softmax(await net.logits(pixels));
    if (mine !== asked) return;
    $("large").src = address(i);
    $("large").alt = `Drawn face ${i + 1}, large`;
    showSmall(pixels);
    const said = show(bars, shares, face.votes);
    $("said").textContent = `Face ${i + 1}. Ten simulated observers: ${listed(face.votes)}. ` +
      `The network: ${said}, ${percent(Math.max(...shares))}.`;
  }
  const address = (i) => `${base}face-${String(i).padStart(2, "0")}.png`;
  facts.faces.forEach((_, i) => {
    const choice = made("input", { type: "radio", name: "front-face", value: i });
    choice.addEventListener("change", () => choose(i));
    $("grid").append(made("label", {}, choice, made("img", { src: address(i), alt: `Drawn face ${i + 1}`, width: 96, height: 96 })));
  });
  const agreed = facts.faces.map(({ votes }) => Math.max(...votes)), clearest = agreed.indexOf(Math.max(...agreed));
  $("grid").querySelectorAll("input")[clearest].checked = true;
  return choose(clearest);
}

// ---- 2 the muscles

async function units() {
  const bars = rows($("changes")), on = facts.units.map(() => 0), known = new Map();
  let asked = 0;
  const address = () => `${base}person-${on.join("")}.png`;
  async function logits(place) {
    if (!known.has(place)) known.set(place, await net.logits(small(await picture(place))));
    return known.get(place);
  }
  const rest = await logits(address());
  async function moved() {
    const mine = ++asked, place = address(), values = await logits(place);
    if (mine !== asked) return;
    const changes = values.map((value, i) => value - rest[i]), shares = net.softmax(values);
    const names = facts.units.filter((_, i) => on[i]).map((unit) => unit.name.replace("AU", "action unit "));
    $("person").src = place;
    $("person").alt = names.length ? `The same drawn person with ${names.join(", ")}` : "A drawn person at rest";
    showChanges(bars, changes, shares);
    const up = changes.indexOf(Math.max(...changes)), name = facts.classes[shares.indexOf(Math.max(...shares))];
    $("moved").textContent = names.length
      ? `With ${names.join(", ")} the logit of ${facts.classes[up]} changes most upwards: ${signed(changes[up])}. The network says ${name}.`
      : `At rest. The network says ${name}, ${percent(Math.max(...shares))}.`;
  }
  facts.units.forEach((unit, i) => {
    const box = made("input", { type: "checkbox", role: "switch" });
    box.addEventListener("change", () => { on[i] = Number(box.checked); moved(); });
    $("units").append(made("label", {}, box, made("span", {}, made("b", {}, unit.name), ` ${unit.does}`)));
  });
  return moved();
}

// ---- 3 a face of one's own

function own() {
  const bars = rows($("own-bars")), view = $("view"), brush = view.getContext("2d"), WIDEST = 960;
  let source = null, frame = null, stream = null, round = 0, busy = false, again = false;

  const largest = () => Math.min(source.width, source.height);
  const least = () => Math.min(largest(), facts.net.side);
  function moveTo(x, y, side = frame.side) {
    frame.side = Math.round(Math.max(least(), Math.min(largest(), side)));
    frame.x = Math.round(Math.max(0, Math.min(source.width - frame.side, x)));
    frame.y = Math.round(Math.max(0, Math.min(source.height - frame.side, y)));
    look();
  }
  function resize(share) {
    const middle = [frame.x + frame.side / 2, frame.y + frame.side / 2];
    const side = largest() * (least() / largest()) ** (share / 100);
    moveTo(middle[0] - side / 2, middle[1] - side / 2, side);
  }
  async function look() {
    if (!source) return;
    brush.drawImage(source, frame.x, frame.y, frame.side, frame.side, 0, 0, view.width, view.height);
    if (busy) { again = true; return; }
    busy = true;
    const mine = round, shares = net.softmax(await net.logits(small(source, frame.x, frame.y, frame.side)));
    busy = false;
    if (mine === round && source) show(bars, shares);
    if (again) { again = false; look(); }
  }
  function begin(canvas, size = 0) {
    source = canvas;
    $("own").hidden = $("stop").hidden = false;
    frame = { x: 0, y: 0, side: largest() };
    $("size").value = size;
    moveTo((source.width - frame.side) / 2, (source.height - frame.side) / 2);
    resize(size);
  }
  function forget() {
    round++;
    stream?.getTracks().forEach((track) => track.stop());
    source = frame = stream = null;
    view.classList.remove("front-mirrored");
    $("own").hidden = $("stop").hidden = true;
    $("problem").textContent = "";
    brush.clearRect(0, 0, view.width, view.height);
  }
  async function take(file) {
    if (!file || !$("consent").checked) return;
    forget();
    try {
      const image = await createImageBitmap(file), scale = Math.min(1, WIDEST / Math.max(image.width, image.height));
      begin(canvasOf(image, Math.max(1, Math.round(image.width * scale)), Math.max(1, Math.round(image.height * scale))));
      image.close();
    } catch { $("problem").textContent = "This file is no picture that the browser can read. Try a JPEG or a PNG."; }
  }
  async function film() {
    forget();
    const mine = round;
    if (!navigator.mediaDevices) { $("problem").textContent = "Browsers give the camera only to pages over https, and to localhost."; return; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480, facingMode: "user" } });
      const video = made("video", { playsinline: "" });
      video.muted = true;
      video.srcObject = stream;
      await video.play();
      begin(canvasOf(video, video.videoWidth, video.videoHeight), 25);
      view.classList.add("front-mirrored");
      const brush = source.getContext("2d");
      const next = () => {
        if (mine !== round || !source) return;
        brush.drawImage(video, 0, 0);
        if (!busy) look();
        setTimeout(next, 100);
      };
      next();
    } catch (problem) {
      forget();
      $("problem").textContent = WHY[problem.name] ?? `The camera does not start (${problem.message}).`;
    }
  }
  const left = () => (view.classList.contains("front-mirrored") ? -1 : 1);

  $("consent").addEventListener("change", ({ target }) => {
    $("file").disabled = $("camera").disabled = !target.checked;
    if (!target.checked) forget();
  });
  $("file").addEventListener("change", ({ target }) => { take(target.files[0]); target.value = ""; });
  $("camera").addEventListener("click", film);
  $("stop").addEventListener("click", forget);
  $("size").addEventListener("input", ({ target }) => resize(Number(target.value)));
  view.addEventListener("keydown", (event) => {
    const step = Math.max(1, frame.side / 40), move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (move) moveTo(frame.x - move[0] * step * left(), frame.y - move[1] * step);
    else if ("+-=".includes(event.key)) { $("size").value = Number($("size").value) + (event.key === "-" ? -3 : 3); resize(Number($("size").value)); }
    else return;
    event.preventDefault();
  });
  view.addEventListener("pointerdown", (event) => view.setPointerCapture(event.pointerId));
  view.addEventListener("pointermove", (event) => {
    if (!event.buttons || !frame) return;
    const scale = frame.side / view.clientWidth;
    moveTo(frame.x - event.movementX * scale * left(), frame.y - event.movementY * scale);
  });
  document.addEventListener("visibilitychange", () => { if (document.hidden && stream) forget(); }); // a hidden page sees nobody
}

// ---- all of it

async function start() {
  net = await import("./net.js");
  facts = net.facts;
  $("sentence").textContent = facts.consent;
  const found = facts.net.right;
  if (found) {
    const [low, high] = found.interval.map((value) => Math.round(100 * value));
    $("right").textContent = `; it agrees with them on ${Math.round(100 * found.accuracy)}% (95% interval ${low} to ${high}) of ` +
      `${found.images.toLocaleString("en")} photographs that it had not seen`;
  }
  await net.load();
  await grid();
  await units();
  own();
  $("status").textContent = `${facts.net.name} runs in your browser (${(facts.net.bytes / 1e6).toFixed(1)} MB). Nothing leaves this page.`;
  document.getElementById("front").dataset.ready = "yes";
}

start().catch((problem) => {
  $("status").textContent = `The network does not run here: ${problem.message}`;
  document.getElementById("front").dataset.ready = "no";
});
