package term

// Recall is why staff take an approval back, or end a binding.
type Recall string

// Why an approval is taken back, or a binding ended.
const (
	RecallCustomerRequest Recall = "customer_request"
	RecallDeviceLost      Recall = "device_lost"
	RecallOperatorError   Recall = "operator_error"
	RecallSuspicious      Recall = "suspicious"
	RecallOther           Recall = "other"
)

// Recalls lists the set.
func Recalls() []Recall {
	return []Recall{
		RecallCustomerRequest, RecallDeviceLost, RecallOperatorError, RecallSuspicious, RecallOther,
	}
}

// Label returns it in plain English.
func (r Recall) Label() string {
	switch r {
	case RecallCustomerRequest:
		return "The customer asked for it"
	case RecallDeviceLost:
		return "The device is lost or stolen"
	case RecallOperatorError:
		return "It was approved by mistake"
	case RecallSuspicious:
		return "Suspicious"
	case RecallOther:
		return "Another reason"
	}
	return string(r)
}
