// Distances on the WGS 84 ellipsoid (CGCS2000 is the same family), and the plane that the screen uses.
(function (RM) {
  "use strict";
  const A = 6378137, F = 1 / 298.257223563, B = A * (1 - F), E2 = F * (2 - F), RAD = Math.PI / 180;

  // Vincenty (1975), Survey Review 23(176), inverse formula: metres and azimuth (radians) from 1 to 2.
  function inverse(lon1, lat1, lon2, lat2) {
    const L = (lon2 - lon1) * RAD;
    const U1 = Math.atan((1 - F) * Math.tan(lat1 * RAD)), U2 = Math.atan((1 - F) * Math.tan(lat2 * RAD));
    const s1 = Math.sin(U1), c1 = Math.cos(U1), s2 = Math.sin(U2), c2 = Math.cos(U2);
    let lam = L, sinS = 0, cosS = 1, sig = 0, cos2A = 1, cos2M = 0;
    for (let n = 0; n < 100; n++) {
      const sl = Math.sin(lam), cl = Math.cos(lam);
      sinS = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
      if (sinS === 0) return { s: 0, az: 0 };
      cosS = s1 * s2 + c1 * c2 * cl;
      sig = Math.atan2(sinS, cosS);
      const sinA = c1 * c2 * sl / sinS;
      cos2A = 1 - sinA * sinA;
      cos2M = cos2A ? cosS - 2 * s1 * s2 / cos2A : 0;
      const C = F / 16 * cos2A * (4 + F * (4 - 3 * cos2A));
      const next = L + (1 - C) * F * sinA * (sig + C * sinS * (cos2M + C * cosS * (2 * cos2M * cos2M - 1)));
      const done = Math.abs(next - lam) < 1e-13;
      lam = next;
      if (done) break;
    }
    const u2 = cos2A * (A * A - B * B) / (B * B);
    const AA = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
    const BB = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
    const dS = BB * sinS * (cos2M + BB / 4 * (cosS * (2 * cos2M * cos2M - 1)
      - BB / 6 * cos2M * (4 * sinS * sinS - 3) * (4 * cos2M * cos2M - 3)));
    const az = Math.atan2(c2 * Math.sin(lam), c1 * s2 - s1 * c2 * Math.cos(lam));
    return { s: B * AA * (sig - dS), az };
  }

  // Metres a degree of longitude and of latitude measure at a latitude.
  function scales(lat) {
    const s = Math.sin(lat * RAD), w = Math.sqrt(1 - E2 * s * s);
    return [A / w * Math.cos(lat * RAD) * RAD, A * (1 - E2) / (w * w * w) * RAD];
  }

  // Nearest point of a path [lon, lat, ...] to a point: metres, where on the path, and on which side.
  // First a local plane for every piece, then the ellipsoid for all pieces that may be the nearest.
  function toPath(lon, lat, path) {
    const n = path.length / 2;
    if (n === 1) return { d: inverse(lon, lat, path[0], path[1]).s, piece: 0, t: 0, lon: path[0], lat: path[1], side: 0 };
    const rough = new Float64Array(n - 1);
    let least = Infinity, ax = 0, ay = 0;
    for (let i = 0; i < n; i++) {
      const [kx, ky] = scales((lat + path[2 * i + 1]) / 2);
      const bx = (path[2 * i] - lon) * kx, by = (path[2 * i + 1] - lat) * ky;
      if (i) {
        const dx = bx - ax, dy = by - ay, q = dx * dx + dy * dy;
        const t = q ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / q)) : 0;
        rough[i - 1] = Math.hypot(ax + t * dx, ay + t * dy);
        if (rough[i - 1] < least) least = rough[i - 1];
      }
      ax = bx; ay = by;
    }
    let best = null;
    const limit = least * 1.004 + 5;
    for (let i = 0; i < n - 1; i++) {
      if (rough[i] > limit) continue;
      const found = toPiece(lon, lat, path, i);
      if (!best || found.d < best.d) best = found;
    }
    return best;
  }

  // The piece seen from the point: in the azimuthal equidistant plane around it the geodesic between two places
  // 10 km apart is straight to within 2 cm at 50 km, and every distance from the point is exact.
  function toPiece(lon, lat, path, i) {
    const a = inverse(lon, lat, path[2 * i], path[2 * i + 1]);
    const b = inverse(lon, lat, path[2 * i + 2], path[2 * i + 3]);
    const ax = a.s * Math.sin(a.az), ay = a.s * Math.cos(a.az);
    const dx = b.s * Math.sin(b.az) - ax, dy = b.s * Math.cos(b.az) - ay, q = dx * dx + dy * dy;
    const t = q ? Math.max(0, Math.min(1, -(ax * dx + ay * dy) / q)) : 0;
    const x = path[2 * i] + t * (path[2 * i + 2] - path[2 * i]);
    const y = path[2 * i + 1] + t * (path[2 * i + 3] - path[2 * i + 1]);
    const cross = dx * -ay - dy * -ax;
    return { d: Math.hypot(ax + t * dx, ay + t * dy), piece: i, t, lon: x, lat: y, side: Math.sign(cross) };
  }

  function inRings(lon, lat, rings) {
    let inside = false;
    for (const r of rings) {
      for (let i = 0, j = r.length - 2; i < r.length; j = i, i += 2) {
        if ((r[i + 1] > lat) !== (r[j + 1] > lat)
          && lon < (r[j] - r[i]) * (lat - r[i + 1]) / (r[j + 1] - r[i + 1]) + r[i]) inside = !inside;
      }
    }
    return inside;
  }

  function crosses(p, q) {
    for (let i = 0; i + 3 < p.length; i += 2) {
      const lo = Math.min(p[i], p[i + 2]), hi = Math.max(p[i], p[i + 2]);
      const lo2 = Math.min(p[i + 1], p[i + 3]), hi2 = Math.max(p[i + 1], p[i + 3]);
      for (let j = 0; j + 3 < q.length; j += 2) {
        if (Math.max(q[j], q[j + 2]) < lo || Math.min(q[j], q[j + 2]) > hi
          || Math.max(q[j + 1], q[j + 3]) < lo2 || Math.min(q[j + 1], q[j + 3]) > hi2) continue;
        const turn = (ax, ay, bx, by, cx, cy) => (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
        const a = turn(p[i], p[i + 1], p[i + 2], p[i + 3], q[j], q[j + 1]);
        const b = turn(p[i], p[i + 1], p[i + 2], p[i + 3], q[j + 2], q[j + 3]);
        const c = turn(q[j], q[j + 1], q[j + 2], q[j + 3], p[i], p[i + 1]);
        const d = turn(q[j], q[j + 1], q[j + 2], q[j + 3], p[i + 2], p[i + 3]);
        if (a * b <= 0 && c * d <= 0) return true;
      }
    }
    return false;
  }

  const paths = (shape) => shape.points.concat(shape.lines, ...shape.areas);
  const inside = (lon, lat, shape) => shape.areas.some((rings) => inRings(lon, lat, rings));

  // West, south, east, north of a path, kept with it.
  function box(path) {
    if (!path.box) {
      path.box = [Infinity, Infinity, -Infinity, -Infinity];
      for (let i = 0; i < path.length; i += 2) {
        path.box[0] = Math.min(path.box[0], path[i]); path.box[1] = Math.min(path.box[1], path[i + 1]);
        path.box[2] = Math.max(path.box[2], path[i]); path.box[3] = Math.max(path.box[3], path[i + 1]);
      }
    }
    return path.box;
  }
  const apart = (a, b) => a[0] > b[2] || b[0] > a[2] || a[1] > b[3] || b[1] > a[3];

  // Metres that lie at least between a place and a box: to its parallels, to its meridians (a geodesic of 10 km
  // bulges less than 5 m over its box).
  function atLeast(lon, lat, b) {
    const north = Math.max(0, lat - b[3], b[1] - lat), east = Math.min(90, Math.max(0, lon - b[2], b[0] - lon));
    return Math.max(north * 110000, 6.27e6 * Math.asin(Math.cos(lat * RAD) * Math.sin(east * RAD))) - 5;
  }

  // Distance in metres between two decoded shapes, with the nearest place on `to` for points.
  function distance(from, to) {
    const own = paths(from), other = paths(to);
    for (const p of own) if (inside(p[0], p[1], to)) return { d: 0, piece: -1 };
    for (const p of other) if (inside(p[0], p[1], from)) return { d: 0, piece: -1 };
    let best = null;
    const take = (found, part) => { if (!best || found.d < best.d) best = Object.assign(found, { part }); };
    for (const p of own) {
      other.forEach((q, part) => {
        if (p.length > 2 && q.length > 2 && !apart(box(p), box(q)) && crosses(p, q)) take({ d: 0, piece: -1 }, part);
        for (let i = 0; i < p.length; i += 2) {
          if (!best || atLeast(p[i], p[i + 1], box(q)) <= best.d) take(toPath(p[i], p[i + 1], q), part);
        }
        if (p.length > 2) {
          for (let i = 0; i < q.length; i += 2) {
            if (atLeast(q[i], q[i + 1], box(p)) > best.d) continue;
            const found = toPath(q[i], q[i + 1], p);
            take({ d: found.d, piece: Math.min(i / 2, Math.max(0, q.length / 2 - 2)), t: 0 }, part);
          }
        }
      });
    }
    return best;
  }

  // Metres from the start of a path to each of its vertices.
  function chainages(path) {
    const sum = new Float64Array(path.length / 2);
    for (let i = 1; i < sum.length; i++) {
      sum[i] = sum[i - 1] + inverse(path[2 * i - 2], path[2 * i - 1], path[2 * i], path[2 * i + 1]).s;
    }
    return sum;
  }

  // Web Mercator in units of the world's width.
  const mercX = (lon) => lon / 360 + 0.5;
  function mercY(lat) {
    const s = Math.sin(Math.max(-85, Math.min(85, lat)) * RAD);
    return 0.5 - Math.log((1 + s) / (1 - s)) / (4 * Math.PI);
  }

  RM.geo = { inverse, toPath, distance, inside, chainages, scales, mercX, mercY };
})(window.RM = window.RM || {});
