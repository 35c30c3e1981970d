package witness

// StepForTest calls before with each step of writing, before it.
func (s *State) StepForTest(before func(step string)) { s.step = before }
