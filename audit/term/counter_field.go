package term

// CounterField is a field of a counter. An event names those that were changed, in this order, with
// single spaces between.
type CounterField string

// The fields of a counter.
const (
	CounterName     CounterField = "name"
	CounterAddress  CounterField = "address"
	CounterHours    CounterField = "hours"
	CounterTimeZone CounterField = "time zone"
	CounterNetworks CounterField = "networks"
)

// CounterFields lists the set.
func CounterFields() []CounterField {
	return []CounterField{
		CounterName, CounterAddress, CounterHours, CounterTimeZone, CounterNetworks,
	}
}

// Label returns it in plain English.
func (c CounterField) Label() string {
	return string(c)
}
