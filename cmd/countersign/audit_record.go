package main

import (
	"countersign/models"
)

// recordVerdict keeps what a verification came to, for administrators to see that somebody verifies.
func recordVerdict(env *Environment, database *models.Database, report models.TrailReport, log models.LogReport) error {
	v := models.TrailVerification{EndedAt: models.At(env.Now()), Entries: report.Entries, Verdict: models.VerdictSound}
	switch problems := append(report.Problems(), logProblems(log)...); {
	case !report.OK() || !log.OK():
		v.Verdict, v.Problem = models.VerdictNotSound, problems[0]
	case !report.Rooted && log.Kept == 0:
		v.Verdict = models.VerdictConsistent
	}
	return database.RecordVerification(env.Context, v)
}
