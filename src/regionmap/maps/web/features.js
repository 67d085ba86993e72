// The things of the page in columns; a feature is a light object that reads them when asked.
(function (RM) {
  "use strict";

  // Everything of the index's `features`, read in the order in which it was written. `shapes`: filled in later.
  function table(raw, read, data) {
    const t = { count: raw.count, texts: {}, numbers: {}, data };
    Object.keys(raw.texts).forEach((key) => { t.texts[key] = read.texts(raw.texts[key]); });
    Object.keys(raw.numbers).forEach((key) => { RM.lazy(t.numbers, key, read.numbers(raw.numbers[key])); });
    const starts = (count) => { const counts = read.soon(count); return RM.lazy({}, "starts", () => RM.begins(counts())); };
    t.aliases = starts(raw.aliases.count);
    t.aliases.text = read.texts(raw.aliases.text);
    t.cites = RM.lazy(starts(raw.cites.count), "plan", read.soon(raw.cites.plan));
    ["clause", "status", "verb", "id"].forEach((key) => { t.cites[key] = read.texts(raw.cites[key]); });
    t.context = flags(t.count, read.steps(raw.context));
    const [n, lon, lat] = raw.points.map(read.steps), [which, shape] = [read.steps(raw.shaped[0]), read.whole(raw.shaped[1])];
    t.points = points(t.count, n, lon, lat);
    t.shape = new Int32Array(t.count).fill(-1);
    which.forEach((i, k) => { t.shape[i] = shape[k]; });
    t.spots = raw.spots;
    return t;
  }

  function flags(count, which) {
    const out = new Uint8Array(count);
    which.forEach((i) => { out[i] = 1; });
    return out;
  }

  // Things that are one point: which they are (`of`: the other way round, -1: no point), and where, in degrees,
  // in Mercator and, once a question needs it, earth-centred.
  function points(count, n, lon, lat) {
    const p = { n, of: new Int32Array(count).fill(-1), lonlat: new Float64Array(2 * n.length), xy: new Float64Array(2 * n.length) };
    for (let k = 0; k < n.length; k++) {
      p.of[n[k]] = k;
      p.lonlat[2 * k] = lon[k] / 1e6; p.lonlat[2 * k + 1] = lat[k] / 1e6;
      p.xy[2 * k] = RM.geo.mercX(p.lonlat[2 * k]); p.xy[2 * k + 1] = RM.geo.mercY(p.lonlat[2 * k + 1]);
    }
    return RM.lazy(p, "xyz", () => RM.near.centred(p.lonlat));
  }

  // What is asked of the whole table, by feature number: codes with their words, or numbers (NaN: none).
  function columns(t) {
    const coded = (key) => {
      const c = t.texts[key];
      if (c.words) return { codes: c.codes, words: c.words };
      const words = [], place = new Map(), codes = new Uint16Array(t.count);
      for (let n = 0; n < t.count; n++) {
        const word = c.at(n);
        if (!place.has(word)) { place.set(word, words.length); words.push(word); }
        codes[n] = place.get(word);
      }
      return { codes, words };
    };
    const placed = new Uint8Array(t.count), out = { context: t.context, placed };
    for (let n = 0; n < t.count; n++) placed[n] = t.shape[n] >= 0 || t.points.of[n] >= 0 ? 1 : 0;
    ["kind", "sector", "status", "precision"].forEach((key) => RM.lazy(out, key, () => coded(key)));
    ["start", "end", "acc"].forEach((key) => RM.lazy(out, key, () => t.numbers[key]));
    return RM.lazy(out, "plan", () => ({ codes: latest(t), words: t.data.plans.map((p) => p.short).concat("") }));
  }

  // The number of each thing's latest plan, whose statement stands under the thing's own id.
  function latest({ cites: { starts, plan, id }, count, data }) {
    const out = new Uint16Array(count).fill(data.plans.length);
    for (let n = 0; n < count; n++) for (let k = starts[n]; k < starts[n + 1]; k++) if (!id.at(k)) out[n] = plan[k];
    return out;
  }

  // One object a thing, with its number; all else is read from the columns. Texts that are not there are "", numbers
  // undefined.
  function features(t) {
    function Feature(n) { this.n = n; }
    const getter = (key, get) => Object.defineProperty(Feature.prototype, key, { get });
    Object.keys(t.texts).forEach((key) => key !== "where" && getter(key, function () { return t.texts[key].at(this.n); }));
    getter("where", function () { return place(t, this.n, t.texts.where.at(this.n)); });
    Object.keys(t.numbers).forEach((key) => getter(key, function () { const v = t.numbers[key][this.n]; return v === v ? v : undefined; }));
    const held = ({ starts }, n, call) => Array.from({ length: starts[n + 1] - starts[n] }, (_, k) => call(starts[n] + k));
    getter("aliases", function () { return held(t.aliases, this.n, t.aliases.text.at); });
    getter("cites", function () {
      const c = t.cites;
      return held(c, this.n, (k) => [c.plan[k], c.clause.at(k), c.status.at(k), c.verb.at(k), c.id.at(k) || this.id]);
    });
    getter("ctx", function () { return t.context[this.n]; });
    getter("at", function () { return t.spots[this.n]; });
    getter("shape", function () { return t.shape[this.n] >= 0 ? t.data.shapes[t.shape[this.n]] : point(t.points, this); });
    getter("spot", function () { return RM.store.spot(this); });
    getter("weight", function () {   // how often the plans name it
      return Math.min(0.9, 0.1 * held(t.cites, this.n, (k) => t.cites.clause.at(k).split(";").length).reduce((a, b) => a + b, 0));
    });
    getter("text", function () {
      const cited = this.cites.map((c) => t.data.plans[c[0]].short + " " + c[1]);
      return [this.name, this.en, this.id].concat(this.aliases, cited).join("\n").toLowerCase();
    });
    return Array.from({ length: t.count }, (_, n) => new Feature(n));
  }

  // A point that says its own coordinates: only their decimal places are kept.
  function place(t, n, text) {
    const k = t.points.of[n];
    if (k < 0 || !/^\0\d\d$/.test(text)) return text;
    return [0, 1].map((i) => t.points.lonlat[2 * k + i].toFixed(Number(text[i + 1]))).join(", ");
  }

  function point(points, f) {
    const k = points.of[f.n];
    if (k < 0) return null;
    if (!f.own) f.own = RM.store.plotted({ points: [points.lonlat.slice(2 * k, 2 * k + 2)], lines: [], areas: [] });
    return f.own;
  }

  RM.features = { table, columns, features };
})(window.RM = window.RM || {});
