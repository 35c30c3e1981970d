package main

import (
	"fmt"
	"net/http"
	"time"
)

// healthTimeout is shorter than the image's HEALTHCHECK allows.
const healthTimeout = 4 * time.Second

// HealthCmd is for containers without a shell: HEALTHCHECK calls it.
type HealthCmd struct {
	URL string `name:"url" help:"Where to ask." default:"http://127.0.0.1:8080/readyz" env:"COUNTERSIGN_HEALTH_URL"`
}

// Run asks once.
func (h *HealthCmd) Run(env *Environment) error {
	request, err := http.NewRequestWithContext(env.Context, http.MethodGet, h.URL, nil)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	response, err := (&http.Client{Timeout: healthTimeout}).Do(request)
	if err != nil {
		return fmt.Errorf("not healthy: %w", err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("not healthy: %s answered %s", h.URL, response.Status)
	}
	_, err = fmt.Fprintln(env.Stdout, "healthy")
	return err
}
