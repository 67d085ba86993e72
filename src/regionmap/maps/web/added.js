// Ground for what a user adds: Leaflet's marker pictures, and our own base map where tiles would need a network.
(function (RM) {
  "use strict";

  // One tile of our base map.
  const Tiles = L.GridLayer.extend({
    createTile(coords, done) {
      const size = this.getTileSize(), tile = document.createElement("canvas"), S = 256 * Math.pow(2, coords.z);
      tile.width = size.x; tile.height = size.y;
      const v = { ctx: tile.getContext("2d"), S, zoom: coords.z, width: size.x, height: size.y };
      v.x = (m) => m * S - coords.x * size.x;
      v.y = (m) => m * S - coords.y * size.y;
      RM.loaded.then(() => { paint(v, window.regionmap.state.data); done(null, tile); });
      return tile;
    },
  });

  const map = window[document.querySelector(".folium-map").id];

  // What plugins do to each new map, done to ours, which is older than they.
  const hooks = L.Map.prototype._initHooks, known = hooks.length;
  RM.hooked = () => hooks.slice(known).forEach((hook) => hook.call(map));

  // Tiles of the user's own take the place of our base map; our boundaries stay over them.
  const { paint } = RM.base, { tick, paintSlowly } = RM.Canvas.prototype;
  const tiled = () => { let found = false; map.eachLayer((layer) => { found = found || layer instanceof L.GridLayer; }); return found; };
  RM.base.paint = (v, data) => {
    if (v.map !== map || !tiled()) { paint(v, data); return; }
    v.ctx.clearRect(0, 0, v.width, v.height);
    RM.base.edges(v, data);
  };
  RM.Canvas.include({   // whose short ways paint over what was there
    tick() { if (tiled()) this.paint(); else tick.call(this); },
    paintSlowly(next) { if (tiled()) { this.take(next); this.paint(); } else paintSlowly.call(this, next); },
  });
  const repaint = (e) => { if (e.layer instanceof L.GridLayer) RM.loaded.then(() => window.regionmap.state.canvas.paint()); };
  map.on({ layeradd: repaint, layerremove: repaint });

  // In folium's own page the map stands right in the body, and elements are put before it there.
  document.body.insertBefore = function (node, before) {
    const at = before && this.contains(before) ? before.parentNode : this;
    return Node.prototype.insertBefore.call(at, node, before);
  };

  RM.added = ({ icons, online, names }) => {
    RM.addedNames = names;
    RM.loaded.then(() => RM.sources.build(window.regionmap.state));
    L.Icon.Default.mergeOptions(icons);
    L.Icon.Default.imagePath = "";
    if (!online) L.tileLayer = (url, options) => new Tiles(options);
    else L.control.attribution({ prefix: false }).addTo(map);
  };
})(window.RM = window.RM || {});
