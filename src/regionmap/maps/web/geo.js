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

  // Vincenty's direct formula: the place `s` metres from lon, lat at an azimuth (radians).
  function direct(lon, lat, az, s) {
    const U1 = Math.atan((1 - F) * Math.tan(lat * RAD)), su = Math.sin(U1), cu = Math.cos(U1), ca = Math.cos(az);
    const s1 = Math.atan2(Math.tan(U1), ca), sinA = cu * Math.sin(az), cos2A = 1 - sinA * sinA;
    const u2 = cos2A * (A * A - B * B) / (B * B);
    const AA = 1 + u2 / 16384 * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
    const BB = u2 / 1024 * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
    let sig = s / (B * AA), cos2M = 0, ss = 0, cs = 0;
    for (let n = 0; n < 100; n++) {
      cos2M = Math.cos(2 * s1 + sig); ss = Math.sin(sig); cs = Math.cos(sig);
      const next = s / (B * AA) + BB * ss * (cos2M + BB / 4 * (cs * (2 * cos2M * cos2M - 1)
        - BB / 6 * cos2M * (4 * ss * ss - 3) * (4 * cos2M * cos2M - 3)));
      const done = Math.abs(next - sig) < 1e-13;
      sig = next;
      if (done) break;
    }
    const tmp = su * ss - cu * cs * ca, lam = Math.atan2(ss * Math.sin(az), cu * cs - su * ss * ca);
    const C = F / 16 * cos2A * (4 + F * (4 - 3 * cos2A));
    const L = lam - (1 - C) * F * sinA * (sig + C * ss * (cos2M + C * cs * (2 * cos2M * cos2M - 1)));
    return [lon + L / RAD, Math.atan2(su * cs + cu * ss * ca, (1 - F) * Math.hypot(sinA, tmp)) / RAD];
  }

  // A path with places put on pieces longer than 10 km: what is drawn and measured as straight is then a geodesic.
  function geodesic(path) {
    const out = [path[0], path[1]];
    for (let i = 2; i < path.length; i += 2) {
      const { s, az } = inverse(path[i - 2], path[i - 1], path[i], path[i + 1]), pieces = Math.ceil(s / 10000 - 1e-9);
      for (let k = 1; k < pieces; k++) out.push(...direct(path[i - 2], path[i - 1], az, s * k / pieces));
      out.push(path[i], path[i + 1]);
    }
    return Float64Array.from(out);
  }

  const paths = (shape) => shape.points.concat(shape.lines, ...shape.areas);

  // Whether a place lies in the areas of a shape: rays cross an odd number of edges.
  function inside(lon, lat, shape) {
    if (!shape.areas.length) return false;
    const e = shape.edges || (shape.edges = banded([].concat(...shape.areas)));
    if (lon < e.west || lon > e.east || lat < e.south || lat > e.north) return false;
    const band = Math.min(e.count - 1, Math.floor((lat - e.south) * e.scale));
    let odd = false;
    for (let k = e.start[band]; k < e.start[band + 1]; k++) {
      const i = 4 * e.list[k], ay = e.ends[i + 1], by = e.ends[i + 3];
      if ((ay > lat) !== (by > lat) && lon < (e.ends[i + 2] - e.ends[i]) * (lat - ay) / (by - ay) + e.ends[i]) odd = !odd;
    }
    return odd;
  }

  // The edges of rings, listed by the bands of latitude that they lie in, so that a place looks at few of them.
  function banded(rings) {
    const total = rings.reduce((sum, r) => sum + r.length / 2 - 1, 0), ends = new Float64Array(4 * total);
    const e = { ends, west: Infinity, south: Infinity, east: -Infinity, north: -Infinity, count: Math.max(1, Math.min(1024, total >> 2)) };
    let n = 0;
    for (const r of rings) {
      for (let i = 0; i < r.length; i += 2) {
        e.west = Math.min(e.west, r[i]); e.east = Math.max(e.east, r[i]); e.south = Math.min(e.south, r[i + 1]); e.north = Math.max(e.north, r[i + 1]);
        if (i + 3 < r.length) { ends[n] = r[i]; ends[n + 1] = r[i + 1]; ends[n + 2] = r[i + 2]; ends[n + 3] = r[i + 3]; n += 4; }
      }
    }
    e.scale = e.count / (e.north - e.south || 1);
    const band = (lat) => Math.min(e.count - 1, Math.floor((lat - e.south) * e.scale));
    const each = (call) => {
      for (let i = 0; i < total; i++) {
        const a = band(ends[4 * i + 1]), b = band(ends[4 * i + 3]);
        for (let k = Math.min(a, b); k <= Math.max(a, b); k++) call(k, i);
      }
    };
    e.start = new Uint32Array(e.count + 1);
    each((k) => { e.start[k + 1]++; });
    for (let k = 0; k < e.count; k++) e.start[k + 1] += e.start[k];
    const next = e.start.slice();
    e.list = new Uint32Array(e.start[e.count]);
    each((k, i) => { e.list[next[k]++] = i; });
    return e;
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

  RM.geo = { A, E2, RAD, inverse, geodesic, paths, inside, chainages, scales, mercX, mercY };
})(window.RM = window.RM || {});
