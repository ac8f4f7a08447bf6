"""A data set in VOC layout that is drawn instead of photographed, for those without VOC.

Never imports torch or Flask.
"""
