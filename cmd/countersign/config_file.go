package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/alecthomas/kong"
)

// configFlag is the flag that names a file of settings.
const configFlag = "config"

// configFile is a JSON object: flag names without dashes in front, each with a
// string, or with a list of strings for a flag that can be given several times.
type configFile struct {
	path     string         // "": there is none
	values   map[string]any // by flag name: a string or a list of strings
	problems []problem
}

// readConfigFile reads the file for a command with these flags; an empty path is
// an empty file. What is wrong is kept, to be reported with everything else.
func readConfigFile(path string, flags []*kong.Flag) *configFile {
	file := &configFile{path: path, values: map[string]any{}}
	if path == "" {
		return file
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return file.refuse("cannot be read: "+err.Error(), "Name a file that this program may read")
	}
	decoder := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(text, []byte(byteOrderMark))))
	decoder.UseNumber()
	var members map[string]any
	if err := decoder.Decode(&members); err != nil {
		return file.refuse(fmt.Sprintf("%s is not a JSON object: %v", path, err), "Correct the file")
	}
	if _, err := decoder.Token(); err != io.EOF {
		return file.refuse(path+" goes on after the JSON object", "Correct the file")
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		file.take(path, name, members[name], flags)
	}
	return file
}

func (f *configFile) refuse(wrong, todo string) *configFile {
	f.problems = append(f.problems, problem{settingName(configFlag), wrong, todo})
	return f
}

func (f *configFile) take(path, name string, value any, flags []*kong.Flag) {
	i := slices.IndexFunc(flags, func(flag *kong.Flag) bool { return flag.Name == name && name != configFlag && name != "help" })
	if i < 0 {
		var known []string
		for _, flag := range flags {
			if flag.Name != configFlag && flag.Name != "help" {
				known = append(known, flag.Name)
			}
		}
		f.refuse(fmt.Sprintf("%s has the unknown setting %q", path, name), suggestion(name, known, "leave it out"))
		return
	}
	if object, ok := value.(map[string]any); ok && name == roleFlag {
		if value, ok = rolesOfObject(object); !ok {
			f.refuse(fmt.Sprintf("%s: %q takes no such object", path, name), "Give each value one of the roles as a string")
			return
		}
	}
	switch v := value.(type) {
	case string:
		f.values[name] = v
	case json.Number, bool:
		f.values[name] = fmt.Sprint(v)
	case []any:
		isString := func(one any) bool { _, ok := one.(string); return ok }
		if flags[i].IsSlice() && !slices.ContainsFunc(v, func(one any) bool { return !isString(one) }) {
			f.values[name] = v
			return
		}
		f.refuse(fmt.Sprintf("%s: %q takes no such list", path, name),
			"Give it one string, or for a setting that can be repeated a list of strings")
	default:
		f.refuse(fmt.Sprintf("%s: %q is neither a string nor a list of strings", path, name), "Put the value in quotation marks")
	}
}

// value is what the file says for the flag, nil when it says nothing.
func (f *configFile) value(flag *kong.Flag) any {
	if f == nil {
		return nil
	}
	return f.values[flag.Name]
}
