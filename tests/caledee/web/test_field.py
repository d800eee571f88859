from django import forms

from caledee.web.forms import FormRenderer


class MeetingForm(forms.Form):
    default_renderer = FormRenderer

    name = forms.CharField(help_text="People see it.")
    duration = forms.ChoiceField(choices=[("15", "15 min"), ("30", "30 min")], widget=forms.RadioSelect)
    location = forms.CharField(required=False, widget=forms.TextInput(attrs={"data-needed": ""}))
    notes = forms.CharField(required=False, widget=forms.Textarea)
    hold_times = forms.BooleanField(required=False, widget=forms.CheckboxInput(attrs={"data-switch": ""}))


def drawn(field, data=None):
    return MeetingForm(data)[field].as_field_group()


def test_help_is_tied_to_its_field():
    html = drawn("name")

    assert 'aria-describedby="id_name_helptext"' in html
    assert '<p class="field-help" id="id_name_helptext">People see it.</p>' in html


def test_error_is_tied_to_its_field_which_gets_the_focus():
    html = drawn("name", {"duration": "30"})

    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<p class="field-errors" id="id_name_error">This field is required.</p>' in html
    assert " autofocus" in html


def test_only_the_first_error_gets_the_focus():
    html = MeetingForm({}).as_div() + drawn("duration", {})

    assert html.count(" autofocus") == 1


def test_group_of_choices_is_focused_as_a_whole():
    html = drawn("duration", {"name": "Interview"})

    assert html.count(" autofocus") == 1
    assert "<legend" in html


def test_optional_is_said_of_what_is_typed_and_never_needed():
    assert "(optional)" in drawn("notes")
    assert "(optional)" not in drawn("location")
    assert "(optional)" not in drawn("name")
    assert "(optional)" not in drawn("hold_times")


def test_switch_is_a_row_of_its_own():
    assert 'class="field switch"' in drawn("hold_times")


def test_help_and_errors_are_escaped():
    class Risky(forms.Form):
        default_renderer = FormRenderer
        name = forms.CharField(help_text="<b>bold</b>")

    assert "&lt;b&gt;bold" in Risky()["name"].as_field_group()
