package traces

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"golang.org/x/net/http/httpguts"
)

// Bounds of numbers. A queue is memory: a span is about a kilobyte.
const (
	longest    = 600_000 // milliseconds
	mostQueued = 65_536  // spans
)

func sdkVersion() string { return sdk.Version() }

// isPort reports a port that can be asked; "" is the scheme's own.
func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback()
}

// number is a whole one from 1 to most.
func (r *reader) number(variable, value string, otherwise, most int) int {
	if value == "" {
		return otherwise
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > most {
		r.warn(variable, fmt.Sprintf("%q is no number from 1 to %d, and %d counts", value, most, otherwise),
			"Write such a number, or leave it away")
		return otherwise
	}
	return n
}

// bsp is a number of the batch span processor.
func (r *reader) bsp(name string, otherwise, most int) int {
	variable := "OTEL_BSP_" + name
	return r.number(variable, r.get(variable), otherwise, most)
}

// pairs reads name=value,name=value, with values that are percent-encoded.
func pairs(text string) (all [][2]string, ok bool) {
	for one := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(one) == "" {
			continue
		}
		name, value, is := strings.Cut(one, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !is || name == "" || err != nil || !utf8.ValidString(name+value) {
			return nil, false
		}
		all = append(all, [2]string{name, value})
	}
	return all, true
}

// headers are sent with each batch. They may be secret: no value is ever told.
func (r *reader) headers() [][2]string {
	variable, text := r.otlp("HEADERS")
	all, ok := pairs(text)
	for _, header := range all {
		ok = ok && httpguts.ValidHeaderFieldName(header[0]) && httpguts.ValidHeaderFieldValue(header[1])
	}
	if !ok {
		r.refuse(variable, "it is no list of headers", "Write it like authorization=Bearer%20SECRET,x-tenant=NAME")
		return nil
	}
	return slices.DeleteFunc(all, func(header [2]string) bool {
		name := strings.ToLower(header[0])
		own := slices.Contains(ownHeaders, name)
		if own {
			r.warn(variable, name+" is set by this program, and what is given does not count", "Leave it away")
		}
		return own
	})
}

// ownHeaders are of the request that carries the spans, not of its sender.
var ownHeaders = []string{"connection", "content-encoding", "content-length", "content-type", "host", "transfer-encoding"}

// resource is what the variables say of this process. One that cannot be read is left away whole, as the specification wants it.
func (r *reader) resource() []attribute.KeyValue {
	const variable = "OTEL_RESOURCE_ATTRIBUTES"
	all, ok := pairs(r.get(variable))
	if !ok {
		r.warn(variable, "it is no list of names and values, and nothing of it counts",
			"Write it like deployment.environment.name=production,host.name=one")
		all = nil
	}
	var attributes []attribute.KeyValue
	for _, one := range all {
		attributes = append(attributes, attribute.String(one[0], one[1]))
	}
	if name := strings.ToValidUTF8(r.get("OTEL_SERVICE_NAME"), "\uFFFD"); name != "" { // OTLP takes no other text
		attributes = append(attributes, attribute.String("service.name", name))
	}
	return attributes
}

// joins reports whether a trusted proxy's traceparent is believed. By the specification it would be without being asked for: here
// it has to be, since a proxy that does not know of traces passes on what strangers send.
func (r *reader) joins() bool {
	const variable = "OTEL_PROPAGATORS"
	joins := false
	for name := range strings.SplitSeq(r.get(variable), ",") {
		switch name = strings.TrimSpace(name); word(name) {
		case "tracecontext":
			joins = true
		case "", "none", "baggage": // what baggage says is read by nobody here
		default:
			r.warn(variable, strconv.Quote(name)+" is not read here", "Write tracecontext, or none")
		}
	}
	return joins
}

// sampler says which requests are recorded.
func (r *reader) sampler() (sdktrace.Sampler, string) {
	const variable, argument, otherwise = "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "parentbased_always_on"
	name := word(r.get(variable))
	if name == "" {
		name = otherwise
	}
	root, parentBased := strings.CutPrefix(name, "parentbased_")
	text := name
	var sampler sdktrace.Sampler
	switch root {
	case "always_on":
		sampler = sdktrace.AlwaysSample()
	case "always_off":
		sampler = sdktrace.NeverSample()
	case "traceidratio":
		part := r.part(argument)
		sampler, text = sdktrace.TraceIDRatioBased(part), name+" "+strconv.FormatFloat(part, 'g', -1, 64)
	default:
		r.warn(variable, strconv.Quote(name)+" is no sampler here, and "+otherwise+" counts",
			"Write always_on, always_off, traceidratio, or one of these after parentbased_")
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), otherwise
	}
	if parentBased {
		sampler = sdktrace.ParentBased(sampler)
	}
	return sampler, text
}

// part is the argument of a ratio, from 0 to 1; all, where there is none.
func (r *reader) part(variable string) float64 {
	value := r.get(variable)
	if value == "" {
		return 1
	}
	part, err := strconv.ParseFloat(value, 64)
	if err != nil || !(part >= 0 && part <= 1) {
		r.warn(variable, strconv.Quote(value)+" is no number from 0 to 1, and 1 counts", "Write it like 0.01")
		return 1
	}
	return part
}
