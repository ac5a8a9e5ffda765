"""The exchange of 1C with a site (CommerceML 2): sessions, files in parts, XML both ways."""
