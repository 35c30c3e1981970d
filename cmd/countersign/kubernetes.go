package main

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Kubernetes tells each container of the services beside it, in variables that begin with the service's name: those of a service
// called countersign, or countersign-something, look like settings. Each has one of these names behind that of the service
// (Kubernetes, "Service", "Environment variables"), and is known by its value, too: a mistyped setting has another one.
var (
	kubernetesHost   = regexp.MustCompile(`^COUNTERSIGN(?:_[A-Z0-9_]+)?_SERVICE_HOST$`)
	kubernetesNumber = regexp.MustCompile(`^(COUNTERSIGN(?:_[A-Z0-9_]+?)?_SERVICE)_PORT(?:_[A-Z0-9_]+)?$`)
	kubernetesFirst  = regexp.MustCompile(`^COUNTERSIGN(?:_[A-Z0-9_]+)?_PORT$`)
	kubernetesPort   = regexp.MustCompile(`^COUNTERSIGN(?:_[A-Z0-9_]+)?_PORT_([0-9]+)_(TCP|UDP|SCTP)(|_ADDR|_PORT|_PROTO)$`)
)

// kubernetesVariables are those variables of the environment that Kubernetes makes for services, by name.
func kubernetesVariables(environ []string) []string {
	get := lookup(environ)
	var names []string
	for _, entry := range environ {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, variablePrefix) && isOfKubernetes(name, get) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// isOfKubernetes holds a variable against the forms of name and value. A lone port's number is what a mistyped setting has as
// well: it counts beside the host of the same service only, which is always there.
func isOfKubernetes(name string, get func(string) string) bool {
	value := get(name)
	if kubernetesHost.MatchString(name) {
		return isAddress(value)
	}
	if part := kubernetesNumber.FindStringSubmatch(name); part != nil && isPortNumber(value) && isAddress(get(part[1]+"_HOST")) {
		return true // else it may be of a service called …-service
	}
	if part := kubernetesPort.FindStringSubmatch(name); part != nil {
		return isOfPort(value, part[1], strings.ToLower(part[2]), part[3])
	}
	if !kubernetesFirst.MatchString(name) {
		return false
	}
	protocol, address, is := strings.Cut(value, "://")
	at, err := netip.ParseAddrPort(address)
	return is && err == nil && at.Port() > 0 && slices.Contains([]string{"tcp", "udp", "sctp"}, protocol)
}

// isOfPort looks at what is said of one port: its address in whole, or a part of it.
func isOfPort(value, port, protocol, part string) bool {
	switch part {
	case "_ADDR":
		return isAddress(value)
	case "_PORT":
		return isPortNumber(value) && value == port
	case "_PROTO":
		return value == protocol
	}
	address, is := strings.CutPrefix(value, protocol+"://")
	at, err := netip.ParseAddrPort(address)
	return is && err == nil && strconv.Itoa(int(at.Port())) == port
}

func isAddress(value string) bool {
	_, err := netip.ParseAddr(value)
	return err == nil
}

func isPortNumber(value string) bool {
	number, err := strconv.ParseUint(value, 10, 16)
	return err == nil && number > 0
}
