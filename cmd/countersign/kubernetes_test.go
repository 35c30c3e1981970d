package main

import (
	"slices"
	"strings"
	"testing"
)

// serviceVariables are what Kubernetes 1.34 makes in each container for a service countersign with the ports 80 (http) and
// 443/UDP (quic), and for a second one, countersign-metrics, whose address is of IPv6.
var serviceVariables = []string{
	"COUNTERSIGN_SERVICE_HOST=10.96.0.17", "COUNTERSIGN_SERVICE_PORT=80", "COUNTERSIGN_SERVICE_PORT_HTTP=80",
	"COUNTERSIGN_SERVICE_PORT_QUIC=443",
	"COUNTERSIGN_PORT=tcp://10.96.0.17:80", "COUNTERSIGN_PORT_80_TCP=tcp://10.96.0.17:80", "COUNTERSIGN_PORT_80_TCP_PROTO=tcp",
	"COUNTERSIGN_PORT_80_TCP_PORT=80", "COUNTERSIGN_PORT_80_TCP_ADDR=10.96.0.17", "COUNTERSIGN_PORT_443_UDP=udp://10.96.0.17:443",
	"COUNTERSIGN_PORT_443_UDP_PROTO=udp", "COUNTERSIGN_PORT_443_UDP_PORT=443", "COUNTERSIGN_PORT_443_UDP_ADDR=10.96.0.17",
	"COUNTERSIGN_METRICS_SERVICE_HOST=fd00:10:96::12", "COUNTERSIGN_METRICS_SERVICE_PORT=9464",
	"COUNTERSIGN_METRICS_PORT=tcp://[fd00:10:96::12]:9464", "COUNTERSIGN_METRICS_PORT_9464_TCP=tcp://[fd00:10:96::12]:9464",
	"COUNTERSIGN_METRICS_PORT_9464_TCP_PROTO=tcp", "COUNTERSIGN_METRICS_PORT_9464_TCP_PORT=9464",
	"COUNTERSIGN_METRICS_PORT_9464_TCP_ADDR=fd00:10:96::12",
}

// Variables that Kubernetes makes for services that are called as the program is are no settings, and stop no command.
func TestKubernetesVariablesAreIgnored(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"version", "keys generate-master", "config show"} {
		got := runWith(t, serviceVariables, "", strings.Fields(command)...)
		if got.code != 0 || got.stderr != "" {
			t.Errorf("%s: exit code %d, %q", command, got.code, got.stderr)
		}
	}
}

// A service called countersign-service has names in which that word stands once for the service, and once for Kubernetes.
func TestKubernetesVariablesOfAServiceCalledService(t *testing.T) {
	t.Parallel()
	of := []string{
		"COUNTERSIGN_SERVICE_SERVICE_HOST=10.96.0.18", "COUNTERSIGN_SERVICE_SERVICE_PORT=80", "COUNTERSIGN_SERVICE_SERVICE_PORT_HTTP=80",
		"COUNTERSIGN_SERVICE_PORT=tcp://10.96.0.18:80", "COUNTERSIGN_SERVICE_PORT_80_TCP=tcp://10.96.0.18:80",
		"COUNTERSIGN_SERVICE_PORT_80_TCP_PROTO=tcp", "COUNTERSIGN_SERVICE_PORT_80_TCP_PORT=80",
		"COUNTERSIGN_SERVICE_PORT_80_TCP_ADDR=10.96.0.18",
	}
	if got := runWith(t, of, "", "version"); got.code != 0 || got.stderr != "" {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
	for _, wrong := range []string{"COUNTERSIGN_SERVICE_PORT=8080", "COUNTERSIGN_SERVICE_PORT_80_TCP_PORT=81"} {
		name, _, _ := strings.Cut(wrong, "=")
		others := slices.DeleteFunc(slices.Clone(of), func(entry string) bool { return strings.HasPrefix(entry, name+"=") })
		if got := runWith(t, append(others, wrong), "", "version"); got.code != exitUsage {
			t.Errorf("%s: exit code %d, %q", wrong, got.code, got.stderr)
		}
	}
}

// The server's log has one line that names them all.
func TestServeNamesKubernetesVariables(t *testing.T) {
	t.Parallel()
	environ, path := migratedFile(t)
	server := start(t, append(slices.Clone(serviceVariables), environ...), "serve")
	waitForAnswer(t, lookup(environ)("COUNTERSIGN_ISSUER")+"/readyz")
	got := server.stop()
	var lines []string
	for line := range strings.Lines(got.stderr) {
		if strings.Contains(line, "Kubernetes") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 1 || !strings.Contains(lines[0], "level=INFO") {
		t.Fatalf("%s: %q", path, lines)
	}
	for _, variable := range serviceVariables {
		if name, _, _ := strings.Cut(variable, "="); !strings.Contains(lines[0], name) {
			t.Errorf("%s is not named in %q", name, lines[0])
		}
	}
}

// What only resembles them may be a mistyped setting, and is refused as one.
func TestVariablesThatResembleThoseOfKubernetes(t *testing.T) {
	t.Parallel()
	for _, variable := range []string{
		"COUNTERSIGN_PORT=8080", "COUNTERSIGN_PORT=", "COUNTERSIGN_PORT=tcp://", "COUNTERSIGN_PORT=tcp://10.0.0.1",
		"COUNTERSIGN_PORT=tcp://10.0.0.1:0",
		"COUNTERSIGN_PORT=tcp://id.example.org:80", "COUNTERSIGN_PORT=http://10.0.0.1:80", "COUNTERSIGN_PORT=tcp://10.0.0.1:80/",
		"COUNTERSIGN_SMTP_PORT=587", "COUNTERSIGN_LISTEN_PORT=127.0.0.1:8080", "COUNTERSIGN_SERVICE_HOST=id.example.org",
		"COUNTERSIGN_SERVICE_HOST=", "COUNTERSIGN_SERVICE_PORT=8080", "COUNTERSIGN_SERVICE_PORT_HTTP=8080", "COUNTERSIGN_SERVICE=10.0.0.1",
		"COUNTERSIGN_PORT_80_TCP=tcp://10.0.0.1:81", "COUNTERSIGN_PORT_80_TCP=udp://10.0.0.1:80", "COUNTERSIGN_PORT_80_TCP_PORT=8080",
		"COUNTERSIGN_PORT_80_TCP_PROTO=udp", "COUNTERSIGN_PORT_80_TCP_ADDR=db", "COUNTERSIGN_PORT_80_TCP_NAME=10.0.0.1",
		"COUNTERSIGN_PORT_TCP=tcp://10.0.0.1:80", "COUNTERSIGN_port=tcp://10.0.0.1:80", "COUNTERSIGNPORT_=1", "COUNTERSIGN__PORT_X=1",
	} {
		name, _, _ := strings.Cut(variable, "=")
		got := runWith(t, []string{variable}, "", "version")
		if unknown := strings.HasPrefix(name, variablePrefix); unknown != (got.code == exitUsage) ||
			unknown != strings.Contains(got.stderr, "countersign: "+name+": unknown variable. ") {
			t.Errorf("%s: exit code %d, %q", variable, got.code, got.stderr)
		}
	}
}

// A number beside the host of another service is none of Kubernetes'.
func TestPortOfAnotherServiceIsASetting(t *testing.T) {
	t.Parallel()
	got := runWith(t, []string{"COUNTERSIGN_METRICS_SERVICE_HOST=10.0.0.1", "COUNTERSIGN_SERVICE_PORT=80"}, "", "version")
	if got.code != exitUsage || !strings.Contains(got.stderr, "COUNTERSIGN_SERVICE_PORT: unknown variable") ||
		strings.Contains(got.stderr, "METRICS") {
		t.Errorf("exit code %d, %q", got.code, got.stderr)
	}
}

// A setting of ours is never ignored, whatever its value looks like.
func TestSettingsAreNeverIgnored(t *testing.T) {
	t.Parallel()
	s := &flagSources{env: &Environment{Environ: []string{"COUNTERSIGN_PORT=tcp://10.96.0.17:80"}}}
	c := &checks{}
	if s.check(c); len(c.ofServices) != 1 || len(c.problems) != 0 {
		t.Errorf("ignored %v, %v", c.ofServices, c.problems)
	}
	parser, err := newParser(s)
	if err != nil {
		t.Fatal(err)
	}
	s.variables[parser.Model.Node.Flags[0].Value] = "COUNTERSIGN_PORT" // as if a flag were called so
	c = &checks{}
	if s.check(c); len(c.ofServices) != 0 || len(c.problems) != 0 {
		t.Errorf("a setting is ignored: %v, %v", c.ofServices, c.problems)
	}
}
