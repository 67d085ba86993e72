// Which zones a thing or a place lies in, certainly or only possibly: the rule of rm.membership. With r the sum of
// both accuracies: certain inside and farther than r from the border, possible inside or at most r from the border.
(function (RM) {
  "use strict";
  const { h } = RM.popup;

  // The zones that are areas, each with its border as lines and its box; made once.
  function zones(state) {
    if (!state.zones) {
      const { codes, words } = state.data.columns.kind, zone = words.indexOf("zone");
      state.zones = [];
      codes.forEach((code, n) => {
        const shape = code === zone && state.data.features[n].shape;
        if (shape && shape.areas.length) state.zones.push({ n, shape, rim: { points: [], lines: [].concat(...shape.areas), areas: [] }, box: box(shape) });
      });
    }
    return state.zones;
  }

  function box(shape) {
    const b = [Infinity, Infinity, -Infinity, -Infinity];
    shape.points.concat(shape.lines, ...shape.areas).forEach((p) => {
      for (let i = 0; i < p.length; i += 2) {
        b[0] = Math.min(b[0], p[i]); b[1] = Math.min(b[1], p[i + 1]);
        b[2] = Math.max(b[2], p[i]); b[3] = Math.max(b[3], p[i + 1]);
      }
    });
    return b;
  }

  // Whether boxes lie farther apart than `metres`, for sure: a degree of latitude has at least 110.5 km.
  function apart(a, b, metres) {
    const north = metres / 110500, lat = Math.min(84, Math.max(Math.abs(a[1]), Math.abs(a[3])) + north);
    const east = metres / (111300 * Math.cos(lat * Math.PI / 180));
    return a[0] > b[2] + east || b[0] > a[2] + east || a[1] > b[3] + north || b[1] > a[3] + north;
  }

  const HALF = 5100;   // metres: no place of a piece lies farther from its nearer end

  // [{ f, certain }]: certain ones first, then by feature number. `acc` in metres; undefined: unknown.
  function of(state, shape, acc, self) {
    const own = acc >= 0 ? acc : Infinity, mine = box(shape), out = [];
    zones(state).forEach((zone) => {
      const f = state.data.features[zone.n], r = own + (f.acc >= 0 ? f.acc : Infinity);
      if (zone.n === self || apart(mine, zone.box, r)) return;
      const word = r === Infinity ? "possible" : relation(shape, zone, r);
      if (word) out.push({ f, certain: word === "certain" });
    });
    return out.sort((a, b) => b.certain - a.certain || a.f.n - b.f.n);
  }

  // Every vertex asks the border only whether it is nearer than r; a whole distance is measured where that does
  // not settle it.
  function relation(shape, zone, r) {
    const own = RM.near.index(shape), rim = RM.near.index(zone.rim), point = own.lonlat.length === 2, p = own.xyz, found = {};
    if (shape.areas.length && RM.geo.inside(rim.lonlat[0], rim.lonlat[1], shape)) return "possible";   // the zone lies in it
    const within = RM.geo.inside(own.lonlat[0], own.lonlat[1], zone.shape);
    let piece = -1, doubt = false;
    for (let v = 0; 2 * v < own.lonlat.length; v++) {
      piece = RM.near.nearest(rim, p[3 * v], p[3 * v + 1], p[3 * v + 2], r + (point ? 10 : HALF), -1);
      if (piece < 0) continue;
      if (RM.near.foot(rim, own.lonlat[2 * v], own.lonlat[2 * v + 1], p[3 * v], p[3 * v + 1], p[3 * v + 2], piece, found).d <= r) return "possible";
      doubt = !point;
    }
    if (doubt && RM.near.between(shape, zone.rim).d <= r) return "possible";
    return within ? "certain" : "";
  }

  // The list in a card; `open` shows a zone's own card.
  function section(state, found, open) {
    const s = state.strings, sure = found.filter((z) => z.certain), maybe = found.filter((z) => !z.certain);
    const clauses = (f) => f.cites.map((c) => state.data.plans[c[0]].short + " " + c[1]).join("; ");
    const list = (some) => h("ul", {}, some.map((z) => h("li", {}, h("button", { type: "button", class: "rm-link", onclick: () => open(z.f) }, RM.store.label(state, z.f)),
      h("small", {}, clauses(z.f)))));
    return h("section", { class: "rm-zones" }, h("h4", {}, s.zones), sure.length ? list(sure) : h("p", { class: "rm-quiet" }, s.noSureZone),
      maybe.length ? h("details", {}, h("summary", {}, s.maybeZones.replace("{}", maybe.length)), list(maybe)) : null);
  }

  RM.zones = { all: zones, of, section };
})(window.RM = window.RM || {});
