// Names with their halo. Stroking the outlines of Chinese signs takes ten times as long as filling them, so the halo
// is grown from the filled pixels, once a name, and kept on a sheet from which names are laid on the map.
(function (RM) {
  "use strict";
  const FAR = 1.8, SIDE = 1024, EDGE = 3;   // width of the halo, size of the sheet, room around a name
  let sheet = null;

  function fresh(ratio) {
    const canvas = document.createElement("canvas"), side = SIDE * ratio, pen = [];
    canvas.width = canvas.height = side;
    const reach = Math.ceil(FAR * ratio);
    for (let y = -reach; y <= reach; y++) {
      for (let x = -reach; x <= reach; x++) {
        const full = Math.min(1, FAR * ratio + 0.5 - Math.hypot(x, y));
        if (full > 0.1) pen.push([y * side + x, full]);
      }
    }
    return {
      canvas, ctx: canvas.getContext("2d", { willReadFrequently: true }), ratio, side, reach, kept: new Map(), x: 0, y: 0, high: 0,
      step: Int32Array.from(pen, (p) => p[0]), full: Float32Array.from(pen, (p) => p[1]),
    };
  }

  // Lays names down: `lines` of texts with their widths, `size` of a line, `font`, `colour`, centre `x`, `y`.
  function lay(v, names, halo) {
    if (!sheet || sheet.ratio !== v.ratio) sheet = fresh(v.ratio);
    const key = (n) => [n.font, n.colour, halo, ...n.lines].join("|");
    let missing = names.filter((n) => !sheet.kept.has(key(n)));
    if (missing.length && !make(sheet, missing, key, halo)) {   // full: begin anew, with what is wanted now
      sheet = fresh(v.ratio);
      missing = names;
      make(sheet, missing, key, halo);
    }
    const { canvas, ratio } = sheet;
    names.forEach((n) => {
      const k = sheet.kept.get(key(n));
      if (!k) return;
      v.ctx.drawImage(canvas, k.x, k.y, k.w, k.h, Math.round(n.x * ratio - k.w / 2) / ratio, Math.round(n.y * ratio - k.h / 2) / ratio, k.w / ratio, k.h / ratio);
    });
  }

  // Room on the sheet, in shelves; null where there is none left.
  function room(own, w, h) {
    if (own.x + w > own.side) { own.x = 0; own.y += own.high; own.high = 0; }
    if (own.y + h > own.side || w > own.side) return null;
    const k = { x: own.x, y: own.y, w, h };
    own.x += w; own.high = Math.max(own.high, h);
    return k;
  }

  function make(own, names, key, halo) {
    const c = own.ctx, top = own.y, r = own.ratio, made = [];
    for (const n of names) {
      if (own.kept.has(key(n))) continue;
      const k = room(own, Math.ceil((Math.max(...n.widths) + 2 * EDGE) * r), Math.ceil((n.size * n.lines.length + 2 * EDGE) * r));
      if (!k) return false;
      own.kept.set(key(n), k);
      made.push(k);
      c.setTransform(r, 0, 0, r, 0, 0);
      c.font = n.font; c.fillStyle = n.colour; c.textAlign = "left"; c.textBaseline = "middle";
      n.lines.forEach((line, i) => c.fillText(line, Math.round(k.x / r + (k.w / r - n.widths[i]) / 2), Math.round(k.y / r + EDGE + n.size * (i + 0.5))));
    }
    if (!made.length) return true;
    const image = c.getImageData(0, top, own.side, own.y + own.high - top), under = new Uint8Array(image.width * image.height), ground = parts(c, halo);
    made.forEach((k) => { grow(own, image, under, k, top); });
    made.forEach((k) => { join(image, under, k, top, ground); });
    c.putImageData(image, 0, top);
    return true;
  }

  // A colour as red, green, blue, alpha; the canvas knows how it is written.
  function parts(c, colour) {
    c.fillStyle = colour;
    const text = c.fillStyle;
    return text[0] === "#" ? [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16)).concat(1) : text.match(/[\d.]+/g).map(Number);
  }

  // The pixels within the halo's width of a filled one.
  function grow({ step, full, reach }, { data, width }, under, k, top) {
    for (let y = k.y - top + reach; y < k.y - top + k.h - reach; y++) {
      for (let x = k.x + reach; x < k.x + k.w - reach; x++) {
        const at = y * width + x, near = Math.min(255, 2 * data[4 * at + 3]);   // thin strokes are grey, their halo is not
        if (!near) continue;
        for (let i = 0; i < step.length; i++) if (under[at + step[i]] < near * full[i]) under[at + step[i]] = near * full[i];
      }
    }
  }

  // The name over its halo.
  function join({ data, width }, under, k, top, [red, green, blue, most]) {
    for (let y = k.y - top; y < k.y - top + k.h; y++) {
      for (let at = y * width + k.x, end = at + k.w; at < end; at++) {
        if (!under[at]) continue;
        const p = 4 * at, ink = data[p + 3] / 255, rest = (1 - ink) * most * under[at] / 255, all = ink + rest;
        data[p] = (data[p] * ink + red * rest) / all;
        data[p + 1] = (data[p + 1] * ink + green * rest) / all;
        data[p + 2] = (data[p + 2] * ink + blue * rest) / all;
        data[p + 3] = 255 * all;
      }
    }
  }

  RM.halo = { lay };
})(window.RM = window.RM || {});
