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
      RM.loaded.then(() => { RM.base.paint(v, window.regionmap.state.data); done(null, tile); });
      return tile;
    },
  });

  RM.added = ({ icons, online, names }) => {
    RM.addedNames = names;
    RM.loaded.then(() => RM.sources.build(window.regionmap.state));
    L.Icon.Default.mergeOptions(icons);
    L.Icon.Default.imagePath = "";
    if (!online) L.tileLayer = (url, options) => new Tiles(options);
  };
})(window.RM = window.RM || {});
