"""A region in PostGIS: read, edited by many at once, asked where it lies.

psycopg 3 and nothing else: it binds values and quotes names itself, speaks COPY, and needs no compiler; an ORM
would only stand between a dozen statements and their reader.
"""
