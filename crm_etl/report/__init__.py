"""Pages and exports for people: self-contained HTML, CSV and JSON, written from what other stages return.

One module a report; each has a ``write(...)`` that returns the files it laid down. Here belong wording, layout
and neutralised exports; no report computes a figure that a stage does not hand over. Only these files may hold
personal data.
"""
