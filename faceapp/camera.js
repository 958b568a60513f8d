// The browser's side of faceapp.Camera: camera -> JPEG frames to Python, boxes and probabilities drawn over the video.
// Nothing is stored: a snapshot stays on this page until Save is pressed.

const COLOURS = ["#D55E00", "#009E73", "#CC79A7", "#E69F00", "#B8B8B8", "#3D9BE0", "#56D4E9"];
const DASHES = [[], [12, 3], [10, 3, 3, 3], [5, 2], [18, 3], [8, 2, 2, 2, 2, 2], [2, 2]];
const QUIET = 5, LOADING = 90; // seconds without an answer before it is said
const WHY = {
  insecure: "This page came over plain http from another computer, and browsers give the camera only to https and to localhost. " +
    "Open the notebook over https; or forward its port (ssh -L 8888:localhost:8888) and open http://localhost:8888.",
  NotAllowedError: "The camera was refused. Allow it for this page (the sign at the left of the address, or the browser's settings), " +
    "look whether the system lets the browser use it, and press Start again. VS Code gives notebooks no camera: use a browser there.",
  NotFoundError: "No camera was found. Plug one in and press Start again; without one, faceapp.timeline(\"simulated\") shows the same.",
  OverconstrainedError: "That camera is gone. Choose another, or press Start again.",
  NotReadableError: "The camera is in use by another program, or its driver failed. Close the other program and press Start again.",
  unplugged: "The camera was unplugged, or taken away by the system. Press Start to try again.",
  kernel: "Python was restarted or shut down: the camera is off. Run this cell again.",
};

function made(tag, parent, attributes = {}, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  parent?.append(element);
  return element;
}

function ticked(parent, text, checked) {
  const label = made("label", parent), box = made("input", label, { type: "checkbox" });
  box.checked = checked;
  label.append(" " + text);
  return box;
}

function build(el, model) {
  const root = made("div", el, { class: "sf-camera", role: "group", "aria-label": "Camera" }), consent = made("div", root, { class: "sf-consent" });
  made("p", consent, {}, `The pictures of your camera go to ${model.get("place")}, are looked at and forgotten; nothing is stored unless you press Save. ` +
    "The labels say what annotators would call an expression, not what anyone feels.");
  const accept = ticked(consent, model.get("consent"), false);
  const stage = made("div", root, { class: "sf-stage" });
  const video = made("video", stage, { playsinline: "", class: "sf-mirrored", "aria-label": "The picture of your camera" });
  video.muted = true;
  const over = made("canvas", stage, { class: "sf-over", "aria-hidden": "true" });
  const row = made("div", root, { class: "sf-row" });
  const start = made("button", row, { type: "button" }, "Start");
  const snap = made("button", row, { type: "button" }, "Snapshot");
  const choice = made("select", row, { "aria-label": "Which camera" });
  const mirror = ticked(row, "Mirror", true), numbers = ticked(row, "Numbers", true);
  const rate = made("span", row, { class: "sf-rate", "aria-hidden": "true" });
  const status = made("p", root, { class: "sf-status", role: "status" });
  const problem = made("p", root, { class: "sf-problem", role: "alert" });
  const shot = made("figure", root);
  const still = made("canvas", shot, { role: "img", "aria-label": "Snapshot" }), under = made("div", shot, { class: "sf-row" });
  const save = made("button", under, { type: "button" }, "Save as a file"), drop = made("button", under, { type: "button" }, "Forget it");
  start.disabled = snap.disabled = choice.hidden = stage.hidden = shot.hidden = true;
  return { root, accept, stage, video, over, start, snap, choice, mirror, numbers, rate, status, problem, shot, still, save, drop };
}

function label(brush, text, x, y, size) {
  brush.font = `600 ${size}px system-ui, sans-serif`;
  brush.textBaseline = "top";
  brush.fillStyle = "rgba(0, 0, 0, 0.75)";
  brush.fillRect(x, y, brush.measureText(text).width + size * 0.6, size * 1.3);
  brush.fillStyle = "#ffffff";
  brush.fillText(text, x + size * 0.3, y + size * 0.15);
}

function drawOver(brush, width, height, faces, past, names, seconds, { mirrored, numbers }) {
  const size = Math.max(12, height / 28);
  for (const face of [...faces].reverse()) {
    const [left, y, w, h] = face.box, x = mirrored ? width - left - w : left;
    for (const [colour, thick] of [["#000000", 5], ["#ffd200", 2.5]]) {
      brush.strokeStyle = colour;
      brush.lineWidth = thick;
      brush.strokeRect(x, y, w, h);
    }
    const share = Math.round(100 * Math.max(...face.probabilities));
    const second = face.second ? ` · ${face.second}` : "";
    label(brush, `${face.emotion} ${share}%${second}`, x, y > 1.6 * size ? y - 1.4 * size : y + 2, size);
  }
  if (!numbers || !past.length) return;
  const now = past[past.length - 1], wide = width * 0.3, step = size * 1.05;
  brush.fillStyle = "rgba(0, 0, 0, 0.55)";
  brush.fillRect(0, 0, wide, step * names.length + 8);
  names.forEach((name, i) => {
    const top = 4 + i * step, share = now.shares ? now.shares[i] : 0;
    brush.fillStyle = COLOURS[i];
    brush.fillRect(wide * 0.45, top + 2, wide * 0.52 * share, step - 4);
    brush.fillStyle = "#ffffff";
    brush.font = `${size * 0.8}px system-ui, sans-serif`;
    brush.textBaseline = "top";
    brush.fillText(name, 5, top + 1);
  });
  const high = height * 0.2, base = height - 3;
  brush.fillStyle = "rgba(0, 0, 0, 0.45)";
  brush.fillRect(0, height - high - 6, width, high + 6);
  brush.lineWidth = 2;
  names.forEach((_, i) => {
    brush.strokeStyle = COLOURS[i];
    brush.setLineDash(DASHES[i]);
    brush.beginPath();
    let pen = false;
    for (const { time, shares } of past) {
      const x = width * (1 - (now.time - time) / seconds);
      if (shares) pen ? brush.lineTo(x, base - high * shares[i]) : brush.moveTo(x, base - high * shares[i]);
      pen = Boolean(shares); // a stretch without a face is a gap
    }
    brush.stroke();
  });
  brush.setLineDash([]);
}

function base64(data) {
  let text = "";
  const bytes = new Uint8Array(data);
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

function render({ model, el }) {
  const ui = build(el, model), names = model.get("classes"), grab = document.createElement("canvas");
  let run = null, stream = null, ready = false, encoding = false, asText = false, gone = false;
  let flying = new Map(), faces = [], past = [], number = 0, shown = -1, began = 0, heard = 0, answers = 0, trip = 0, spoken = 0, quiet = false, counted = 0, patience = QUIET;

  const say = (text) => { ui.status.textContent = text; }, complain = (text) => { ui.problem.textContent = text; };
  const looks = () => ({ mirrored: ui.mirror.checked, numbers: ui.numbers.checked });

  async function start() {
    complain("");
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return complain(WHY.insecure);
    ui.start.disabled = true;
    say("Waiting for the camera …");
    const wide = model.get("width"), id = ui.choice.value;
    const wanted = { width: { ideal: wide }, height: { ideal: wide * 0.75 }, ...(id ? { deviceId: { exact: id } } : {}) };
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
      if (gone) return release();
      ui.video.srcObject = stream;
      ui.stage.hidden = false;
      await ui.video.play();
    } catch (problem) {
      release();
      say("");
      if (problem.name === "OverconstrainedError") ui.choice.value = "";
      return complain(WHY[problem.name] ?? `The camera cannot be used: ${problem.message} (${problem.name}).`);
    } finally {
      ui.start.disabled = !ui.accept.checked;
    }
    stream.getVideoTracks()[0].addEventListener("ended", () => { stop(); complain(WHY.unplugged); });
    await listCameras();
    run = crypto.randomUUID();
    [flying, faces, past, number, shown, ready, encoding, answers, counted, quiet, patience] = [new Map(), [], [], 0, -1, false, false, 0, 0, false, QUIET];
    began = heard = performance.now();
    ui.start.textContent = "Stop";
    say("Waiting for Python …");
    model.send({ kind: "start", run });
    follow(run);
  }

  function release() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = ui.video.srcObject = null;
    [ui.stage.hidden, ui.over.width] = [true, 1]; // a canvas that changes its size is empty
  }

  function stop() {
    if (run) model.send({ kind: "stop", run });
    run = null;
    release();
    ui.start.textContent = "Start";
    ui.snap.disabled = true;
    ui.rate.textContent = "";
    say("");
  }

  async function listCameras() {
    const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput");
    const used = stream?.getVideoTracks()[0]?.getSettings().deviceId;
    ui.choice.replaceChildren(...cameras.map((camera, i) => new Option(camera.label || `Camera ${i + 1}`, camera.deviceId)));
    ui.choice.hidden = cameras.length < 2;
    if (used) ui.choice.value = used;
  }

  function follow(mine) { // once for every new picture of the camera; a hidden tab has none, and sends none
    if (mine !== run) return;
    send(mine);
    ui.video.requestVideoFrameCallback?.(() => follow(mine)) ?? requestAnimationFrame(() => follow(mine));
  }

  function send(mine) {
    const { videoWidth, videoHeight } = ui.video;
    if (!ready || encoding || !videoWidth || flying.size >= model.get("in_flight")) return;
    const scale = Math.min(1, model.get("width") / videoWidth), id = number++, time = (performance.now() - began) / 1000;
    const size = [Math.round(videoWidth * scale), Math.round(videoHeight * scale)];
    if (grab.width !== size[0] || grab.height !== size[1]) [grab.width, grab.height] = size;
    grab.getContext("2d").drawImage(ui.video, 0, 0, ...size);
    encoding = true;
    grab.toBlob(async (blob) => {
      const data = await blob?.arrayBuffer();
      encoding = false;
      if (!data || mine !== run) return;
      flying.set(id, performance.now());
      if (asText) model.send({ kind: "frame", run, id, time, data: base64(data) });
      else model.send({ kind: "frame", run, id, time }, undefined, [data]);
    }, "image/jpeg", 0.8);
  }

  function paint() {
    if (ui.over.width !== grab.width || ui.over.height !== grab.height) [ui.over.width, ui.over.height] = [grab.width, grab.height];
    const brush = ui.over.getContext("2d");
    brush.clearRect(0, 0, grab.width, grab.height);
    drawOver(brush, grab.width, grab.height, faces, past, names, model.get("seconds"), looks());
    Object.assign(ui.root.dataset, { answers, box: JSON.stringify(faces[0]?.box ?? null), emotion: faces[0]?.emotion ?? "", flying: flying.size, trip });
  }

  function hear(message) {
    if (!run || message.run !== run) return;
    heard = performance.now();
    if (quiet) { quiet = false; complain(""); }
    const left = flying.get(message.id);
    flying.delete(message.id);
    if (message.kind === "loading") { patience = LOADING; say("Loading the network: some seconds the first time …"); }
    else if (message.kind === "ready") { ready = true; patience = QUIET; say("Looking for a face."); }
    else if (message.kind === "text") asText = true;
    else if (message.kind === "problem") { stop(); complain(message.text); }
    else if (message.kind === "ended") { run = null; stop(); say(message.text); }
    else if (message.kind === "faces" && message.id > shown) { // an older answer that comes late is passed over
      [shown, faces, trip] = [message.id, message.faces, heard - left];
      const time = (heard - began) / 1000;
      past.push({ time, shares: faces[0]?.probabilities ?? null });
      while (time - past[0].time > model.get("seconds")) past.shift();
      answers += 1;
      ui.snap.disabled = false;
      paint();
      if (heard - spoken > 3000) {
        spoken = heard;
        const count = faces.length === 1 ? "One face" : `${faces.length} faces`;
        say(faces.length ? `${count}: ${faces.map((face) => face.emotion).join(", ")}.` : "No face in sight: look at the camera, with light on your face.");
      }
    }
  }

  const watch = setInterval(() => {
    if (!run) return;
    ui.rate.textContent = ready ? `${Math.max(0, answers - counted)} frames/s · ${trip.toFixed(0)} ms` : "";
    counted = answers;
    const silent = (performance.now() - heard) / 1000;
    if (silent > patience && !document.hidden && (flying.size || !ready)) {
      quiet = true;
      complain(`Python has not answered for ${silent.toFixed(0)} s. It is busy with another cell: wait. Or it was restarted: run this cell again.`);
    }
  }, 1000);

  function snapshot() {
    [ui.still.width, ui.still.height] = [grab.width, grab.height];
    const brush = ui.still.getContext("2d");
    if (ui.mirror.checked) brush.setTransform(-1, 0, 0, 1, grab.width, 0);
    brush.drawImage(ui.video, 0, 0, grab.width, grab.height);
    brush.resetTransform();
    brush.drawImage(ui.over, 0, 0);
    ui.shot.hidden = false;
    model.send({ kind: "snapshot", run });
    say("A snapshot is below. It is not stored.");
  }

  function forget() {
    ui.shot.hidden = true;
    ui.still.width = ui.still.width; // clears it
    model.send({ kind: "forget" });
  }

  function save() {
    ui.still.toBlob((blob) => {
      const link = made("a", null, { href: URL.createObjectURL(blob), download: `camera-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.png` });
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }

  const lost = () => { if (run) { run = null; stop(); complain(WHY.kernel); } };
  ui.accept.addEventListener("change", () => {
    ui.start.disabled = !ui.accept.checked;
    if (run && !ui.accept.checked) stop();
    model.send({ kind: "accept", yes: ui.accept.checked });
  });
  ui.start.addEventListener("click", () => (run ? stop() : start()));
  ui.snap.addEventListener("click", snapshot);
  ui.save.addEventListener("click", save);
  ui.drop.addEventListener("click", forget);
  ui.choice.addEventListener("change", () => { if (run) { stop(); start(); } });
  for (const box of [ui.mirror, ui.numbers]) box.addEventListener("change", () => { ui.video.classList.toggle("sf-mirrored", ui.mirror.checked); if (run) paint(); });
  model.on("msg:custom", hear);
  for (const event of ["comm:close", "comm_live_update", "destroy"]) model.on(event, lost);
  return () => {
    gone = true;
    clearInterval(watch);
    stop();
    model.off("msg:custom", hear);
  };
}

export default { render };
