"""The forms of a record that are made of blocks, a module each: its name is the form's, and it has two names.

``render`` takes the blocks and returns the text; ``ENDINGS`` are those of a file in this form, the usual one first.
"""
