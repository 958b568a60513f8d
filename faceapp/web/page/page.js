// The page: takes a picture by choice, camera, drop or paste, asks the API, and shows boxes, bars and, on request, heatmaps.
"use strict";

const LIMIT = 10 * 2 ** 20, WIDEST = 1600;
const $ = (id) => document.getElementById(id);
let asking = null; // the request under way: a newer picture ends it

function made(tag, text = "", attributes = {}) {
  const element = document.createElement(tag);
  element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

function say(text) { $("status").textContent = text; $("problem").textContent = ""; }
function complain(text) { $("status").textContent = ""; $("problem").textContent = text; }
const percent = (share) => `${(100 * share).toFixed(0)}%`;

async function asked(address, file, fields = {}, signal = undefined) {
  const form = new FormData();
  form.append("image", file, "picture");
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  let answer;
  try {
    answer = await fetch(address, { method: "POST", body: form, signal });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    throw new Error("The page's server does not answer. Is it still running?");
  }
  if (answer.ok) return answer;
  const body = await answer.json().catch(() => ({}));
  throw new Error(body.error || `The server answered with status ${answer.status}.`);
}

async function take(file) {
  if (!file) return;
  asking?.abort();
  const mine = (asking = new AbortController());
  $("results").hidden = true;
  if (file.size > LIMIT) return complain("This picture is over 10 MB: take a smaller copy of it.");
  say("Looking for faces …");
  try {
    const found = await (await asked("api/predict", file, {}, mine.signal)).json();
    if (mine !== asking) return;
    await show(file, found);
  } catch (problem) {
    if (mine === asking && problem.name !== "AbortError") complain(problem.message);
  }
}

async function show(file, { faces, width, height }) {
  $("faces").replaceChildren(...faces.map((face, i) => card(file, face, i)));
  $("results").hidden = false;
  const drawn = await paint(file, faces, width, height);
  const heard = faces.map((face, i) => `Face ${i + 1}: ${face.emotion}, ${percent(face.probabilities[face.emotion])}`);
  const count = faces.length === 1 ? "One face." : `${faces.length} faces.`;
  say(`${count} ${heard.slice(0, 5).join(". ")}.${drawn ? "" : " This browser cannot show the picture itself."}`);
}

async function paint(file, faces, width, height) {
  const canvas = $("picture");
  let picture = null;
  try { picture = await createImageBitmap(file); } catch { /* a format that only the server reads, such as TIFF */ }
  const fits = picture && Math.abs(picture.width / picture.height - width / height) < 0.02 * (width / height);
  canvas.hidden = !fits;
  if (!fits) return false;
  const scale = Math.min(1, WIDEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const brush = canvas.getContext("2d"), size = Math.max(14, canvas.width / 45);
  brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  brush.font = `600 ${size}px system-ui, sans-serif`;
  brush.textBaseline = "top";
  faces.forEach((face, i) => {
    const [x, y, w, h] = face.box.map((value) => value * scale), text = `${i + 1} ${face.emotion}`;
    for (const [colour, thick] of [["#000000", size / 4], ["#ffd200", size / 8]]) {
      brush.strokeStyle = colour;
      brush.lineWidth = thick;
      brush.strokeRect(x, y, w, h);
    }
    const top = y > 1.5 * size ? y - 1.4 * size : y + 0.2 * size;
    brush.fillStyle = "#000000";
    brush.fillRect(x, top, brush.measureText(text).width + size, 1.3 * size);
    brush.fillStyle = "#ffffff";
    brush.fillText(text, x + size / 2, top + 0.15 * size);
  });
  const count = faces.length === 1 ? "one face" : `${faces.length} faces`;
  canvas.setAttribute("aria-label", `Your picture with ${count} in boxes; the tables below say the same in words`);
  return true;
}

function card(file, face, i) {
  const article = made("article"), share = face.probabilities[face.emotion];
  article.append(made("h3", `Face ${i + 1}: ${face.emotion}, ${percent(share)}`));
  const table = made("table"), body = made("tbody");
  table.append(made("caption", "Probability of each expression"), body);
  for (const [name, value] of Object.entries(face.probabilities)) {
    const row = made("tr"), bar = made("td", "", { "aria-hidden": "true" }), track = made("div"), fill = made("span");
    if (name === face.emotion) row.className = "most";
    track.className = "bar";
    fill.style.width = `${100 * value}%`;
    track.append(fill);
    bar.append(track);
    const number = made("td", `${(100 * value).toFixed(1)}%`);
    number.className = "share";
    row.append(made("th", name, { scope: "row" }), bar, number);
    body.append(row);
  }
  const button = made("button", "What does this rest on?", { type: "button", "aria-label": `What does this rest on? Face ${i + 1}` });
  button.addEventListener("click", () => explain(file, face, i, article, button));
  article.append(table, button);
  return article;
}

async function explain(file, face, i, article, button) {
  const mine = asking;
  button.disabled = true;
  say(`Covering parts of face ${i + 1} …`);
  try {
    const answer = await asked("api/explain", file, { face: i, emotion: face.emotion }, mine.signal);
    const picture = made("img", "", { alt: `Face ${i + 1} with a heatmap over it` });
    picture.src = URL.createObjectURL(await answer.blob());
    await picture.decode();
    URL.revokeObjectURL(picture.src);
    const text = `The warmer a place, the further "${face.emotion}" falls when it is covered. A map is a hypothesis about the network, not a proof.`;
    const figure = made("figure");
    figure.append(picture, made("figcaption", text));
    button.replaceWith(figure);
    say(`The heatmap of face ${i + 1} is here.`);
  } catch (problem) {
    button.disabled = false;
    if (mine === asking && problem.name !== "AbortError") complain(problem.message);
  }
}

for (const id of ["file", "photo"]) {
  $(id).addEventListener("change", (event) => {
    take(event.target.files[0]);
    event.target.value = ""; // so that the same file can be chosen again
  });
}
$("photo").parentElement.hidden = !navigator.maxTouchPoints; // elsewhere it would open no camera, only files
let next = 0;
$("drawn").addEventListener("click", async () => {
  try {
    const answer = await fetch(`drawn/${next++}.png`);
    if (!answer.ok) throw new Error();
    take(await answer.blob());
  } catch { complain("The page's server does not answer. Is it still running?"); }
});
document.addEventListener("paste", (event) => {
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  if (file) { event.preventDefault(); take(file); }
  else if (!event.clipboardData?.types.length) complain("There is no picture to paste.");
});
document.addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  const file = event.dataTransfer?.files[0];
  if (file) take(file);
  else complain("What was dropped is no file: save the picture first, then drop it.");
});
