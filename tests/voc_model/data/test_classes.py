"""VOC's classes come in the devkit's order, whatever others there are."""

from voc_model.data.classes import VOC_CLASSES, order_classes


def test_the_twenty_classes_stand_in_the_devkits_order() -> None:
    assert len(set(VOC_CLASSES)) == 20
    assert list(VOC_CLASSES) == sorted(VOC_CLASSES)
    assert VOC_CLASSES[0] == "aeroplane"
    assert VOC_CLASSES[14] == "person"
    assert VOC_CLASSES[19] == "tvmonitor"


def test_names_come_once_and_in_order_whatever_order_they_are_given_in() -> None:
    assert order_classes(reversed(VOC_CLASSES)) == VOC_CLASSES
    assert order_classes(["person", "cat", "person", "bird"]) == ("bird", "cat", "person")


def test_others_follow_by_alphabet() -> None:
    names = ["zebra", "train", "ant", "bus", "Sea", "grün"]
    assert order_classes(names) == ("bus", "train", "Sea", "ant", "grün", "zebra")


def test_a_data_set_without_any_of_vocs() -> None:
    assert order_classes(iter(["sea", "desert"])) == ("desert", "sea")
    assert order_classes([]) == ()
