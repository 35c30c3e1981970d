package models

import (
	"context"
	"errors"

	"countersign/audit"
	"countersign/audit/term"

	"gorm.io/gorm/clause"
)

// A database for practice and a real one are never taken for each other.
var (
	ErrPracticeDatabase = errors.New("this database is for practice: its people are invented")
	ErrRealDatabase     = errors.New("this database has accounts, and is not for practice")
)

// Setting is a row of settings: what holds for the whole database.
type Setting struct {
	Name  string `gorm:"primaryKey"`
	Value string
}

const settingPractice = "practice"

// Practice makes an empty database one for practice, and lets one that is so be; fill is
// called as long as it has not been filled to its end. Error: ErrRealDatabase.
func (s *Store) Practice(ctx context.Context, fill func(context.Context) error) error {
	err := s.write(ctx, func(tx *tx) error {
		made := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&Setting{Name: settingPractice, Value: "begun"})
		if made.Error != nil || made.RowsAffected == 0 {
			return made.Error
		}
		var accounts []string
		if err := tx.Model(&Account{}).Limit(1).Pluck("id", &accounts).Error; err != nil {
			return err
		}
		if len(accounts) > 0 {
			return ErrRealDatabase
		}
		_, err := tx.record(audit.Event{Type: audit.PracticeBegun, Facts: audit.Facts{Actor: &audit.Actor{System: string(term.SystemStart)}}})
		return err
	})
	if err != nil {
		return err
	}
	setting, err := s.setting(ctx, settingPractice)
	if err != nil || setting == "filled" {
		return err
	}
	if err := fill(ctx); err != nil {
		return err
	}
	return s.write(ctx, func(tx *tx) error {
		return tx.Model(&Setting{}).Where("name = ?", settingPractice).Update("value", "filled").Error
	})
}

// RefusePractice returns ErrPracticeDatabase for a database that is for practice.
func (s *Store) RefusePractice(ctx context.Context) error {
	if setting, err := s.setting(ctx, settingPractice); err != nil || setting == "" {
		return err
	}
	return ErrPracticeDatabase
}

// setting returns "" for one that is not there.
func (s *Store) setting(ctx context.Context, name string) (string, error) {
	var rows []Setting
	err := s.Database.read.WithContext(ctx).Where("name = ?", name).Limit(1).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Value, nil
}
