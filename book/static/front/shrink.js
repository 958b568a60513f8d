// Pictures as Python's faceapp.crop gives them to the net: Pillow's grey, Pillow's resize(BILINEAR, reducing_gap=3), to the last bit.

export function grey(rgba) {
  const out = new Uint8Array(rgba.length / 4);
  for (let i = 0; i < out.length; i++) {
    out[i] = (19595 * rgba[4 * i] + 38470 * rgba[4 * i + 1] + 7471 * rgba[4 * i + 2] + 0x8000) >>> 16;
  }
  return out;
}

// A square grey picture of `from` pixels a side, shrunk or enlarged to `to`.
export function shrink(picture, from, to) {
  if (from === to) return picture;
  const factor = Math.max(1, Math.floor(from / to / 3)); // first whole blocks of pixels, down to three times the size
  const side = Math.ceil(from / factor);
  const reduced = factor > 1 ? blocks(picture, from, factor, side) : picture;
  const weights = triangles(side, from / factor, to);
  return across(across(reduced, side, side, weights, to), to, side, weights, to);
}

function blocks(picture, from, factor, side) {
  const out = new Uint8Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const bottom = Math.min(from, (y + 1) * factor), right = Math.min(from, (x + 1) * factor);
      const area = (bottom - y * factor) * (right - x * factor);
      let sum = Math.floor(area / 2);
      for (let v = y * factor; v < bottom; v++) for (let u = x * factor; u < right; u++) sum += picture[v * from + u];
      out[y * side + x] = Math.floor((sum * Math.floor(2 ** 24 / area)) / 2 ** 24);
    }
  }
  return out;
}

// For each pixel of the result: where its weights begin, and the weights, in 22 bits.
function triangles(side, span, to) {
  const scale = span / to, reach = Math.max(scale, 1);
  return Array.from({ length: to }, (_, i) => {
    const middle = (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(middle - reach + 0.5)), end = Math.min(side, Math.trunc(middle + reach + 0.5));
    const raw = Array.from({ length: end - first }, (_, k) => Math.max(0, 1 - Math.abs((k + first - middle + 0.5) / reach)));
    const sum = raw.reduce((a, b) => a + b, 0);
    return [first, raw.map((weight) => Math.trunc(0.5 + (weight / sum) * 2 ** 22))];
  });
}

// One pass along the rows of a picture of width x height; the result is turned, so that two passes bring it back.
function across(picture, height, width, weights, to) {
  const out = new Uint8Array(to * height);
  for (let y = 0; y < height; y++) {
    for (let i = 0; i < to; i++) {
      const [first, row] = weights[i];
      let sum = 2 ** 21;
      for (let k = 0; k < row.length; k++) sum += picture[y * width + first + k] * row[k];
      out[i * height + y] = Math.max(0, Math.min(255, Math.floor(sum / 2 ** 22)));
    }
  }
  return out;
}
