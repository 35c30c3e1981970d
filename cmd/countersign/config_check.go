package main

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// byteOrderMark begins files that some programs write.
const byteOrderMark = "\ufeff"

// problem is one thing that is wrong with the settings. It never holds a secret.
type problem struct {
	setting string // settingName of the flag, or the name of a variable
	wrong   string
	todo    string
}

func (p problem) String() string { return p.setting + ": " + p.wrong + ". " + p.todo + "." }

// settingName is the flag with its variable, as it stands in messages.
func settingName(flag string) string { return "--" + flag + " (" + variableName(flag) + ")" }

// checks turns settings from text into values, and collects everything that is
// wrong with them instead of stopping at the first.
type checks struct {
	variables   map[string]string   // of the command's flags, where they are not settingName's
	now         func() time.Time    // nil: certificates are not held against the clock
	getenv      func(string) string // for variables that are not ours; nil: there are none
	credentials string              // systemd's folder of this unit's secrets (systemd.exec(5)); "": there is none
	problems    []problem
	warnings    []problem // of what works, but should not stay so
	ofServices  []string  // variables that are not ours: see kubernetesVariables
}

func (c *checks) refuse(flag, wrong, todo string) {
	c.problems = append(c.problems, problem{c.name(flag), wrong, todo})
}

func (c *checks) warn(flag, wrong, todo string) {
	c.warnings = append(c.warnings, problem{c.name(flag), wrong, todo})
}

// name is settingName, with the variable that the command gives the flag.
func (c *checks) name(flag string) string {
	if variable, ok := c.variables[flag]; ok {
		return "--" + flag + " (" + variable + ")"
	}
	return settingName(flag)
}

// secret is the value, or the content of the file without its last newline.
func (c *checks) secret(flag, value, path string) string {
	switch {
	case value != "" && path != "":
		c.refuse(flag, "given twice, as a value and as --"+flag+"-file", "Keep one of the two")
		return ""
	case path == "":
		return value
	}
	text, err := os.ReadFile(path)
	if err != nil {
		c.refuse(flag+"-file", "cannot be read: "+err.Error(), "Name a file that this program may read")
		return ""
	}
	content := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	if content == "" {
		c.refuse(flag+"-file", path+" is empty", "Put the secret into it")
	}
	c.warnOfReaders(flag+"-file", path)
	return content
}

// warnOfReaders does not refuse a secret that others can read: container platforms
// mount secrets so, and nobody else is in the container. It says nothing of systemd's credentials: 0440 there is for
// this user alone, by an access control list, and nobody can change it.
func (c *checks) warnOfReaders(flag, path string) {
	info, err := os.Stat(path)
	if err != nil || runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 || c.isCredential(path) {
		return
	}
	c.warn(flag, fmt.Sprintf("%s has the mode %04o, so that others can read this secret", path, info.Mode().Perm()),
		"Take that away (chmod 600), unless this is a container and its platform put the file there")
}

// isCredential reports whether the file lies in systemd's folder of this unit's secrets.
func (c *checks) isCredential(path string) bool {
	below, err := filepath.Rel(c.credentials, path)
	return c.credentials != "" && err == nil && filepath.IsLocal(below)
}

// notLonger refuses one time that is longer than another, where that makes no sense.
func (c *checks) notLonger(flag string, d time.Duration, than string, limit time.Duration) {
	if limit > 0 && d > limit {
		c.refuse(flag, fmt.Sprintf("%s is longer than --%s, %s", span(d), than, span(limit)), "Shorten it, or lengthen the other")
	}
}

// given refuses an empty value.
func (c *checks) given(flag, value, todo string) bool {
	if value == "" {
		c.refuse(flag, "missing", todo)
	}
	return value != ""
}

// provider is the address of somebody else's issuer; it may have a path.
func (c *checks) provider(flag, value string) string {
	if !c.given(flag, value, "Give the issuer of your organisation's OpenID Provider") {
		return ""
	}
	u, err := url.Parse(value)
	switch {
	case err != nil || u.Hostname() == "" || u.RawQuery != "" || u.Fragment != "":
		c.refuse(flag, fmt.Sprintf("%q is not the address of an issuer", value), "Give it exactly as the provider's discovery document says it")
	case !isSecure(u):
		c.refuse(flag, fmt.Sprintf("%q is not https", value), "Use https; http is for loopback only")
	}
	return value
}

// isSecure accepts https anywhere, and http where nobody can listen in.
func isSecure(u *url.URL) bool {
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(strings.ToLower(u.Hostname()))
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

func (c *checks) listen(value string) string {
	_, port, err := net.SplitHostPort(value)
	if n, bad := strconv.Atoi(port); err != nil || bad != nil || n < 0 || n > 65535 {
		c.refuse("listen", fmt.Sprintf("%q is not an address and a port", value), "Write it like 127.0.0.1:8080 or :8080")
	}
	return value
}

func (c *checks) database(value, path string) string {
	return c.databaseOf("database", value, path, "Give sqlite:PATH or postgres://user@host/name", "sqlite:", "postgres://", "postgresql://")
}

// databaseOf is the address of a database, of one of the kinds that begin so.
func (c *checks) databaseOf(flag, value, path, todo string, kinds ...string) string {
	before := len(c.problems)
	address := c.secret(flag, value, path)
	if len(c.problems) > before || !c.given(flag, address, todo) {
		return ""
	}
	for _, scheme := range kinds {
		if rest, is := strings.CutPrefix(address, scheme); is && strings.TrimSpace(rest) != "" {
			return address
		}
	}
	c.refuse(flag, "it names no kind of database", todo)
	return ""
}

// masterKey is 32 bytes in base64 or base64url, with or without padding.
func (c *checks) masterKey(value, path string) []byte {
	const todo = "Make one with: countersign keys generate-master"
	before := len(c.problems)
	text := c.secret("master-key", value, path)
	if len(c.problems) > before || !c.given("master-key", text, todo) {
		return nil
	}
	key, err := readMasterKey(text)
	if err != nil {
		c.refuse("master-key", err.Error(), todo)
	}
	return key
}

// readMasterKey's errors tell nothing of the key.
func readMasterKey(text string) ([]byte, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(text)
	key, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("it is not base64")
	}
	if len(key) != masterKeySize {
		return nil, fmt.Errorf("it has %d bytes, not %d", len(key), masterKeySize)
	}
	return key, nil
}

// duration reads Go's durations and whole days ("7d"), between two bounds.
func (c *checks) duration(flag, value string, least, most time.Duration) time.Duration {
	d, err := readDuration(value)
	switch {
	case err != nil:
		c.refuse(flag, fmt.Sprintf("%q is not a length of time", value), "Write it like 30s, 15m, 12h or 7d")
	case d < least || d > most:
		from := "0"
		if least > 0 {
			from = span(least)
		}
		c.refuse(flag, value+" is out of bounds", fmt.Sprintf("Take something from %s to %s", from, span(most)))
	}
	return d
}

func readDuration(value string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(value, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(value)
}

// oneOf refuses a value that is not in the list.
func (c *checks) oneOf(flag, value string, allowed ...string) string {
	for _, a := range allowed {
		if value == a {
			return value
		}
	}
	c.refuse(flag, fmt.Sprintf("%q is not one of them", value), "Take one of "+strings.Join(allowed, ", "))
	return ""
}

func (c *checks) toggle(flag string, value toggle) bool {
	switch strings.ToLower(string(value)) {
	case "true", "yes", "1":
		return true
	case "false", "no", "0", "":
		return false
	}
	c.refuse(flag, fmt.Sprintf("%q is neither yes nor no", string(value)), "Write true or false")
	return false
}

func (c *checks) networks(flag string, values []string) []netip.Prefix {
	var list []netip.Prefix
	for _, value := range values {
		prefix, err := netip.ParsePrefix(strings.TrimSpace(value))
		if err != nil {
			c.refuse(flag, fmt.Sprintf("%q is not a network", value), "Write it like 192.0.2.0/24 or 2001:db8::/32")
			continue
		}
		if isEverybody(prefix) {
			c.refuse(flag, fmt.Sprintf("%q is nearly every address there is", value), "Name the networks that are meant, each as small as it is")
			continue
		}
		list = append(list, inIPv4(prefix.Masked()))
	}
	return list
}

// inIPv4 writes an IPv4 network that was given as IPv6 (RFC 4291 §2.5.5.2) as what it is: nothing would be in it otherwise.
func inIPv4(prefix netip.Prefix) netip.Prefix {
	const mapped = 96
	if prefix.Addr().Is4In6() && prefix.Bits() >= mapped {
		return netip.PrefixFrom(prefix.Addr().Unmap(), prefix.Bits()-mapped)
	}
	return prefix
}

// isEverybody reports a network that no organisation has: an IPv4 network larger than a /8, also written as IPv6, or
// an IPv6 network larger than the private one (fc00::/7, RFC 4193).
func isEverybody(prefix netip.Prefix) bool {
	bits := prefix.Bits()
	if prefix.Addr().Is4In6() {
		bits -= 96
	}
	if prefix.Addr().Unmap().Is4() {
		return bits < 8
	}
	return bits < 7
}

// pair cuts name=value.
func (c *checks) pair(flag, value, todo string) (name, rest string, ok bool) {
	name, rest, ok = strings.Cut(value, "=")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if !ok || name == "" || rest == "" {
		c.refuse(flag, fmt.Sprintf("%q has not the form of two parts with = between them", value), todo)
		return "", "", false
	}
	return name, rest, true
}
