"""A region and a recipe to a folium.Map and to one offline file."""
