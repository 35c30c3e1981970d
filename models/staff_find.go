package models

import (
	"context"
	"strings"
)

// staffNear bounds what FindStaff returns where nobody has the name.
const staffNear = 5

// FindStaff finds whom of the staff a command means: by the identifier in the trail, by the provider's subject, or by the name,
// each whole. Several may have the same. Where nobody has it, near are those whose names or subjects have a part like it.
func (s *Store) FindStaff(ctx context.Context, name string) (found, near []Staff, err error) {
	for after := (StaffCursor{}); ; {
		page, err := s.staffAfter(ctx, after)
		if err != nil {
			return nil, nil, err
		}
		for _, one := range page {
			switch {
			case one.ID == name:
				return []Staff{one}, nil, nil
			case one.Subject == name, strings.EqualFold(one.Name, name):
				found = append(found, one)
			case len(near) < staffNear && (alike(one.Name, name) || alike(one.Subject, name)):
				near = append(near, one)
			}
		}
		if len(page) < staffRead {
			return found, near, nil
		}
		after = StaffCursor{page[len(page)-1].Name, page[len(page)-1].ID}
	}
}

// staffRead is how many are read at a time.
const staffRead = 500

func (s *Store) staffAfter(ctx context.Context, after StaffCursor) (page []Staff, err error) {
	err = s.reading(ctx).Where("(name, id) > (?, ?)", after.Name, after.ID).Order("name, id").Limit(staffRead).Find(&page).Error
	return page, err
}

// alike reports whether one of two texts is a part of the other, whatever their case.
func alike(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	return a != "" && b != "" && (strings.Contains(a, b) || strings.Contains(b, a))
}
