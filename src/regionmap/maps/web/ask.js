// The question: what lies within a distance of a target, certain and possible (the formula of rm.near).
(function (RM) {
  "use strict";

  // The things that a question asks of: placed, named by a plan, no zones, not the target or its parts.
  function candidates(state, target) {
    const { columns, features } = state.data, parts = new Set(state.data.question.parts[target.n] || []);
    const zone = columns.kind.words.indexOf("zone"), out = new Uint32Array(features.length);
    let n = 0;
    for (let i = 0; i < features.length; i++) {
      if (columns.kind.codes[i] !== zone && !columns.context[i] && columns.placed[i] && i !== target.n && !parts.has(i)) out[n++] = i;
    }
    return out.subarray(0, n);
  }

  // Every candidate's distance, place along and side of the target, nearest first; the slider then only compares.
  function measure(state, target) {
    if (state.measured && state.measured.target === target) return state.measured;
    const { points, columns, features } = state.data, n = candidates(state, target), to = RM.near.index(target.shape);
    const size = n.length, d = new Float64Array(size), along = new Float64Array(size), side = new Int8Array(size), slack = new Float64Array(size);
    const own = Number.isFinite(target.acc) ? target.acc : Infinity, sums = chainages(target.shape, to), found = {};
    let hint = -1;
    for (let k = 0; k < size; k++) {
      const i = n[k], at = points.of[i];
      slack[k] = own + (columns.acc[i] >= 0 ? columns.acc[i] : Infinity);   // an unknown accuracy is always possible
      if (at < 0) Object.assign(found, RM.near.between(features[i].shape, target.shape));
      else {
        const lon = points.lonlat[2 * at], lat = points.lonlat[2 * at + 1], x = points.xyz[3 * at], y = points.xyz[3 * at + 1], z = points.xyz[3 * at + 2];
        if (RM.geo.inside(lon, lat, target.shape)) { found.d = 0; found.piece = -1; found.side = 0; } else {
          hint = RM.near.nearest(to, x, y, z, Infinity, hint);
          RM.near.foot(to, lon, lat, x, y, z, hint, found);
        }
      }
      d[k] = found.d;
      side[k] = sums ? found.side : 0;
      along[k] = sums && found.piece >= 0 ? sums[found.piece] + found.t * (sums[found.piece + 1] - sums[found.piece]) : NaN;
    }
    const order = nearestFirst(d), by = (list) => list.map((_, k) => list[order[k]]);
    const where = new Int32Array(features.length).fill(-1), sorted = by(n);
    sorted.forEach((i, k) => { where[i] = k; });
    state.measured = { target, n: sorted, d: by(d), slack: by(slack), along: by(along), side: by(side), where };
    return state.measured;
  }

  // Metres from the start of a line to both ends of its pieces, parts in their order; null: the target is no line.
  function chainages(shape, ix) {
    if (!shape.lines.length || shape.areas.length || shape.points.length) return null;
    const sums = new Float64Array(ix.first.length + 1);
    for (let i = 0; i < ix.first.length; i++) {
      const a = 2 * ix.first[i], b = 2 * ix.last[i];
      sums[i + 1] = sums[i] + RM.geo.inverse(ix.lonlat[a], ix.lonlat[a + 1], ix.lonlat[b], ix.lonlat[b + 1]).s;
    }
    return sums;
  }

  // Places of the values by rising value, to the millimetre: value and place in one number, sorted as numbers.
  function nearestFirst(values) {
    const SHIFT = 262144, keys = values.map((v, k) => Math.round(v * 1000) * SHIFT + k).sort();
    return Uint32Array.from(keys, (key) => key % SHIFT);
  }

  // What lies within `km`. `level` by feature number: 2 certain, 1 possible, 0 neither.
  function answer(state, target, km) {
    const m = measure(state, target), { n, d, slack } = m, limit = km * 1000, level = new Uint8Array(state.data.features.length);
    let certain = 0, possible = 0;
    for (let k = 0; k < n.length; k++) {
      if (d[k] + slack[k] <= limit) { level[n[k]] = 2; certain++; } else if (d[k] - slack[k] <= limit) { level[n[k]] = 1; possible++; }
    }
    let list = null;
    const row = (f) => { const k = m.where[f.n]; return k >= 0 && level[f.n] ? rowAt(state, m, level, k) : null; };
    return { target, km, certain, possible, level, row, rows: () => list || (list = rows(state, m, level)) };
  }

  function rowAt(state, m, level, k) {
    const f = state.data.features[m.n[k]];
    return { f, d: m.d[k], slack: m.slack[k], along: m.along[k] >= 0 ? m.along[k] : null, side: m.side[k], certain: level[m.n[k]] === 2 };
  }

  // Certain first, then by distance, then by id.
  function rows(state, m, level) {
    const out = [[], [], []];
    m.n.forEach((i, k) => { if (level[i]) out[level[i]].push(rowAt(state, m, level, k)); });
    const ids = (a, b) => a.d - b.d || (a.f.id < b.f.id ? -1 : 1);
    return out[2].sort(ids).concat(out[1].sort(ids));
  }

  // How many of an answer's things pass a test of feature numbers.
  function count(answer, passes) {
    const sum = [0, 0, 0], level = answer.level;
    for (let i = 0; i < level.length; i++) if (level[i] && passes(i)) sum[level[i]]++;
    return { certain: sum[2], possible: sum[1] };
  }

  // A target that is no thing of the page: a click, a line drawn by hand, a zone's outline. Flat [lon, lat, ...]
  // lists of points, lines and areas (of rings); long pieces are geodesics. `acc`: metres that it may be off.
  function adhoc(name, shape, acc) {
    const { geodesic } = RM.geo, areas = shape.areas || [];
    const own = {
      points: (shape.points || []).map((p) => Float64Array.from(p)),
      lines: (shape.lines || []).map(geodesic),
      areas: areas.map((rings) => rings.map(geodesic)),
    };
    const f = { n: -1, id: "", name, en: "", kind: "", sector: "", precision: "site", aliases: [], cites: [], acc: acc || 0, adhoc: true, weight: 0, shape: RM.store.plotted(own), text: "" };
    f.spot = RM.store.spot(f);
    return f;
  }

  // A shape that is no thing of the page, against what is asked of; `certain` null: it lies beyond.
  function one(state, shape, acc) {
    const { target, km } = state.answer, limit = km * 1000, to = RM.near.index(target.shape), found = RM.near.between(shape, target.shape);
    const slack = acc + (Number.isFinite(target.acc) ? target.acc : Infinity), sums = chainages(target.shape, to);
    return {
      d: found.d, slack, side: sums ? found.side : 0,
      along: sums && found.piece >= 0 ? sums[found.piece] + found.t * (sums[found.piece + 1] - sums[found.piece]) : null,
      certain: found.d + slack <= limit ? true : found.d - slack <= limit ? false : null,
    };
  }

  RM.ask = { measure, answer, count, adhoc, one };
})(window.RM = window.RM || {});
