// The base map: sea, land, our own area, waters, boundaries by level.
(function (RM) {
  "use strict";
  const { seen, path } = RM.paths;

  function paint(v, data) {
    const c = v.ctx, base = data.base, P = data.style.paper;
    c.globalAlpha = 1;
    c.fillStyle = P.beyond;   // where the base map ends, the map ends
    c.fillRect(0, 0, v.width, v.height);
    const b = base.box, x = v.x(b[0]), y = v.y(b[1]);
    c.fillStyle = P.sea;
    c.fillRect(x, y, v.x(b[2]) - x, v.y(b[3]) - y);
    c.lineJoin = "round"; c.lineCap = "round";
    const fill = (plots, colour) => { c.fillStyle = colour; path(v, plots, true); c.fill("evenodd"); };
    fill(base.land, P.land);
    base.around.forEach((ring) => fill([ring], P.land));
    if (base.edges.around && v.zoom >= 5) stroke(v, base.edges.around, P.county, 1);
    fill(base.own, P.own);
    base.waters.forEach((w) => {
      if (!seen(v, w.plot.box)) return;
      if (w.a) fill([w.plot], P.water); else stroke(v, [w.plot], P.water, v.zoom < 8 ? 1.1 : 1.8);
    });
    edges(v, data);
  }

  // Boundaries stand over filled regions, too.
  function edges(v, data) {
    const c = v.ctx, e = data.base.edges, P = data.style.paper;
    if (data.units === "county" && v.zoom >= 7) stroke(v, e.county, P.county, 0.8);
    if (data.units !== "none") stroke(v, e.city, P.city, v.zoom < 7 ? 0.7 : 1.1);
    c.globalAlpha = 0.16; stroke(v, e.province, P.province, 7); c.globalAlpha = 1;
    stroke(v, e.province, P.province, 1.3, [9, 3, 2, 3]);
    if (e.state) stroke(v, e.state, P.state, 1.8, [10, 3, 2, 3]);
  }

  function stroke(v, plots, colour, width, dash) {
    const c = v.ctx;
    c.strokeStyle = colour; c.lineWidth = width; c.setLineDash(dash || []); path(v, plots); c.stroke(); c.setLineDash([]);
  }

  RM.base = { paint, edges };
})(window.RM = window.RM || {});
