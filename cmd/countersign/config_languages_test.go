package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLanguageSettings(t *testing.T) {
	t.Parallel()
	var settings serveSettings
	parse(t, nil, &settings, serveArgs("--languages", filepath.Join("..", "..", "views", "testdata", "words"), "--notice-language", "he")...)
	if l, there := settings.words.Language("he"); !there || l.Name != "עברית" || settings.notices.language != l.Tag {
		t.Errorf("Hebrew is %v, notices are in %v", l, settings.notices.language)
	}
	folder := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, test := range []struct{ name, content, want string }{
		{"notes.txt", "", "there is no language file in it"},
		{"fr.json", `{"Name": "Nom"}`, "fr.json: it has no head"},
		{"fr.json", `{"": {"name": "Français", "direction": "ltr"}, "Receipt %s": "Reçu"}`, `fr.json: "Receipt %s"`},
	} {
		write(test.name, test.content)
		got := runWith(t, nil, "", serveArgs("--languages", folder)...)
		if got.code != exitUsage || !strings.Contains(got.stderr, "--languages (COUNTERSIGN_LANGUAGES): ") ||
			!strings.Contains(got.stderr, test.want) {
			t.Errorf("%s: %d %s", test.content, got.code, got.stderr)
		}
	}
	write("fr.json", `{"": {"name": "Français", "direction": "ltr"}, "Said long ago": "Dit autrefois"}`)
	parse(t, nil, &settings, serveArgs("--languages", folder)...)
	var log strings.Builder
	warnOfUnsaid(slog.New(slog.NewTextHandler(&log, nil)), settings.words)
	if !strings.Contains(log.String(), "count=1") || !strings.Contains(log.String(), "fr: Said long ago") {
		t.Errorf("the start says %q", log.String())
	}
}
