"""The stand-in's Sheets v4: workbooks, their REST methods and the hands of a person in them."""
