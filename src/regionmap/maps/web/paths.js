// What every painter needs: is it in sight, put it on the path, how many pixels is a metre.
(function (RM) {
  "use strict";

  const seen = (v, box) => v.x(box[2]) > -20 && v.x(box[0]) < v.width + 20 && v.y(box[3]) > -20 && v.y(box[1]) < v.height + 20;

  // Whether a piece lies wholly beyond one side of the picture, `far` pixels away.
  const beyond = (v, ax, ay, bx, by, far) => (ax < -far && bx < -far) || (ax > v.width + far && bx > v.width + far)
    || (ay < -far && by < -far) || (ay > v.height + far && by > v.height + far);

  // Adds a plot to the current path, leaving out what is under half a pixel; of an open line also the pieces out
  // of sight (dashing a continent that nobody sees takes seconds).
  function trace(v, plot, close) {
    const c = v.ctx, xy = plot.xy, n = xy.length;
    let px = v.x(xy[0]), py = v.y(xy[1]), pen = false;
    if (close) c.moveTo(px, py);
    for (let i = 2; i < n; i += 2) {
      const x = v.x(xy[i]), y = v.y(xy[i + 1]);
      if (i < n - 2 && Math.abs(x - px) < 0.5 && Math.abs(y - py) < 0.5) continue;
      if (close) c.lineTo(x, y);
      else if (beyond(v, px, py, x, y, 30)) pen = false;
      else {
        if (!pen) c.moveTo(px, py);
        c.lineTo(x, y); pen = true;
      }
      px = x; py = y;
    }
    if (close) c.closePath();
  }

  function path(v, plots, close) {
    v.ctx.beginPath();
    plots.forEach((p) => { if (seen(v, p.box)) trace(v, p, close); });
  }

  const pixels = (v, lat) => v.S / 360 / RM.geo.scales(lat)[0];   // pixels a metre

  RM.paths = { seen, beyond, trace, path, pixels };
})(window.RM = window.RM || {});
