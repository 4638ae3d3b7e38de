"""The forms of a record that are made of blocks, a module each: its name is the form's, and it exports four names.

``render`` takes the blocks and returns the text; ``ENDINGS`` are those of a file in this form, the usual one first;
``BEGINS`` is what such a file begins with, in which ``{title}`` stands for the beginning of the record's title; ``USE``
is what docs/plan.md says it is for.
"""
