// Very many points: small marks and rings written as pixels, from columns, without one object a point.
(function (RM) {
  "use strict";
  const MOST = 1500;    // points in sight that are still drawn one by one, merged and named
  const NAMED = 30;     // answers that are named where the marks are small

  // What the layers show of things that are one point: feature numbers, number of the layer and place in it.
  function gather(state) {
    const size = state.data.features.length;
    return { n: new Uint32Array(size), layer: new Uint16Array(size), k: new Uint32Array(size), count: 0 };
  }

  function add(crowd, n, layer, k) {
    const at = crowd.count++;
    crowd.n[at] = n; crowd.layer[at] = layer; crowd.k[at] = k;
  }

  // Leaves in the crowd what the picture holds, and where: `x`, `y` in its pixels.
  function inSight(v, state, crowd) {
    const { of, xy } = state.data.points, far = 20;
    crowd.x = new Float32Array(crowd.count); crowd.y = new Float32Array(crowd.count);
    let kept = 0;
    for (let i = 0; i < crowd.count; i++) {
      const p = 2 * of[crowd.n[i]], x = xy[p] * v.S + v.dx, y = xy[p + 1] * v.S + v.dy;
      if (x < -far || y < -far || x > v.width + far || y > v.height + far) continue;
      crowd.n[kept] = crowd.n[i]; crowd.layer[kept] = crowd.layer[i]; crowd.k[kept] = crowd.k[i];
      crowd.x[kept] = x; crowd.y[kept] = y; kept++;
    }
    crowd.count = kept;
    crowd.r = kept > 20000 ? 2.1 : kept > 6000 ? 2.8 : 3.6;
    return crowd;
  }

  // ---- pixels ----------------------------------------------------------------------------------------
  // A picture of `box` (of the canvas, in its pixels) that takes stamps.
  const sheets = {};
  function sheet(name, box, ratio) {
    const w = Math.ceil((box[2] - box[0]) * ratio), h = Math.ceil((box[3] - box[1]) * ratio);
    let page = sheets[name];
    if (!page || page.w !== w || page.h !== h) {
      const canvas = document.createElement("canvas");
      canvas.width = w; canvas.height = h;
      const ctx = canvas.getContext("2d"), image = ctx.createImageData(w, h);
      page = sheets[name] = { canvas, ctx, image, w, h, pixels: new Uint32Array(image.data.buffer) };
    } else page.pixels.fill(0);
    page.box = box; page.ratio = ratio;
    return page;
  }

  function lay(v, page) {
    page.ctx.putImageData(page.image, 0, 0);
    v.ctx.drawImage(page.canvas, page.box[0], page.box[1], page.w / page.ratio, page.h / page.ratio);
  }

  // A drawing as a list of its pixels: first those that cover, then those of its soft edge.
  const stamps = new Map();
  function stamp(key, r, ratio, draw) {
    const whole = key + "|" + r + "|" + ratio;
    if (stamps.has(whole)) return stamps.get(whole);
    const half = Math.ceil((r * 1.6 + 3) * ratio), size = 2 * half + 1, canvas = document.createElement("canvas");
    canvas.width = canvas.height = size;
    const c = canvas.getContext("2d", { willReadFrequently: true });
    c.translate(half + 0.5, half + 0.5); c.scale(ratio, ratio);
    draw(c);
    const pixels = new Uint32Array(c.getImageData(0, 0, size, size).data.buffer), found = [[], []];
    pixels.forEach((value, i) => {
      const alpha = value >>> 24;
      if (alpha > 40) found[alpha > 200 ? 0 : 1].push([i % size - half, Math.floor(i / size) - half, value]);
    });
    const all = found[0].concat(found[1]);
    const made = { dx: Int16Array.from(all, (p) => p[0]), dy: Int16Array.from(all, (p) => p[1]), value: Uint32Array.from(all, (p) => p[2]), full: found[0].length, half };
    stamps.set(whole, made);
    return made;
  }

  function press(page, m, x, y) {
    const px = Math.round((x - page.box[0]) * page.ratio), py = Math.round((y - page.box[1]) * page.ratio), { w, h, pixels } = page;
    if (px < m.half || py < m.half || px >= w - m.half || py >= h - m.half) return;
    const at = py * w + px, { dx, dy, value, full } = m;
    for (let i = 0; i < full; i++) pixels[at + dy[i] * w + dx[i]] = value[i];
    for (let i = full; i < value.length; i++) {
      const to = at + dy[i] * w + dx[i];
      if ((pixels[to] >>> 24) < (value[i] >>> 24)) pixels[to] = value[i];
    }
  }

  // ---- marks and rings -------------------------------------------------------------------------------
  const whole = (v) => [0, 0, v.width, v.height];

  function paint(v, state, crowd) {
    const { kind, sector, precision } = state.data.columns, each = state.data.style.each, { layers } = state.data, r = crowd.r;
    const known = precision.words.map((p) => state.style.precise({ precision: p })), sheetOf = sheet("marks", whole(v), v.ratio), made = new Map();
    const look = (n, colour) => {
      const shape = state.style.shape({ kind: kind.words[kind.codes[n]] }), full = known[precision.codes[n]];
      return stamp([shape, colour, full, state.data.style.paper.face].join(), r, v.ratio, (c) => RM.symbols.small(c, shape, colour, full, r));
    };
    for (let i = 0; i < crowd.count; i++) {
      const n = crowd.n[i], own = crowd.layer[i] < layers.length && layers[crowd.layer[i]].colour === "each" ? crowd.k[i] % each.length + 1 : 0;
      const key = ((kind.codes[n] * 64 + sector.codes[n]) * 16 + precision.codes[n]) * 16 + own;
      let m = made.get(key);
      if (!m) { m = look(n, own ? each[own - 1] : state.style.colour({ sector: sector.words[sector.codes[n]] })); made.set(key, m); }
      press(sheetOf, m, crowd.x[i], crowd.y[i]);
    }
    lay(v, sheetOf);
  }

  // Rings around what answers the question; `box`: the part of the picture that is painted.
  function rings(v, state, crowd, box) {
    const P = state.data.style.paper, r = crowd.r, seen = RM.answer.seen(state), level = state.answer.level;
    const ring = (sure) => stamp("ring" + sure + P.accent, r, v.ratio, (c) => {
      c.beginPath(); c.arc(0, 0, r + (sure ? 1.8 : 1.4), 0, 7);
      c.strokeStyle = sure ? P.accent : P.quiet; c.lineWidth = sure ? 1.6 : 0.9; c.stroke();
    });
    const own = sheet("rings", box || whole(v), v.ratio), some = ring(false), sure = ring(true);
    for (let i = 0; i < crowd.count; i++) if (level[crowd.n[i]] === 1 && seen(crowd.n[i])) press(own, some, crowd.x[i], crowd.y[i]);
    for (let i = 0; i < crowd.count; i++) if (level[crowd.n[i]] === 2 && seen(crowd.n[i])) press(own, sure, crowd.x[i], crowd.y[i]);
    lay(v, own);
  }

  // The nearest certain answers in sight, as marks that want a name.
  function named(v, state, crowd) {
    if (!state.answer) return [];
    const place = new Map(), layer = { labels: true }, out = [], seen = RM.answer.seen(state), { n } = state.measured;
    for (let i = 0; i < crowd.count; i++) if (state.answer.level[crowd.n[i]] === 2) place.set(crowd.n[i], i);
    for (let k = 0; k < n.length && out.length < NAMED && place.size; k++) {
      const i = place.get(n[k]);
      if (i === undefined || !seen(n[k]) || crowd.x[i] < v.port[0] || crowd.x[i] > v.port[2] || crowd.y[i] < v.port[1] || crowd.y[i] > v.port[3]) continue;
      out.push({ x: crowd.x[i], y: crowd.y[i], r: crowd.r, badge: 0, items: [{ f: state.data.features[n[k]], layer, k: 0 }] });
    }
    return out;
  }

  // Things whose marks are within reach of a place, the nearest first.
  function hit(state, x, y) {
    const crowd = state.crowd, found = [];
    if (!crowd) return [];
    for (let i = 0; i < crowd.count; i++) {
      const d = Math.abs(crowd.x[i] - x) + Math.abs(crowd.y[i] - y);
      if (d < crowd.r + 5) found.push([d, crowd.n[i]]);
    }
    return found.sort((a, b) => a[0] - b[0]).slice(0, 50).map((p) => state.data.features[p[1]]);
  }

  RM.crowd = { MOST, gather, add, inSight, paint, rings, named, hit };
})(window.RM = window.RM || {});
