package console

import (
	"context"

	"countersign/views"
)

// Problem is one thing to mend in a form, kept for the page that its reader sees next, in the
// language of that page.
type Problem struct {
	Field string
	Text  views.Later
}

// Problems collects what is to mend.
type Problems []Problem

// Add puts one more beside a field.
func (p *Problems) Add(field string, text views.Later) { *p = append(*p, Problem{field, text}) }

// In says them to a reader.
func (p Problems) In(ctx context.Context) []views.FieldError {
	var list []views.FieldError
	for _, one := range p {
		list = append(list, views.FieldError{Field: one.Field, Message: one.Text.In(ctx)})
	}
	return list
}
