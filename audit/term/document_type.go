package term

// DocumentType is a kind of ID document.
type DocumentType string

// Kinds of ID document.
const (
	DocumentPassport         DocumentType = "passport"
	DocumentIDCard           DocumentType = "idcard"
	DocumentDrivingPermit    DocumentType = "driving_permit"
	DocumentResidencePermit  DocumentType = "residence_permit"
	DocumentOrganisationCard DocumentType = "organisation_card"
)

// DocumentTypes lists the set.
func DocumentTypes() []DocumentType {
	return []DocumentType{
		DocumentPassport, DocumentIDCard, DocumentDrivingPermit, DocumentResidencePermit, DocumentOrganisationCard,
	}
}

// Label returns it in plain English.
func (d DocumentType) Label() string {
	switch d {
	case DocumentPassport:
		return "Passport"
	case DocumentIDCard:
		return "National identity card"
	case DocumentDrivingPermit:
		return "Driving licence"
	case DocumentResidencePermit:
		return "Residence permit"
	case DocumentOrganisationCard:
		return "Organisation card"
	}
	return string(d)
}

// Hint returns a second sentence for the person who chooses, "" where none is needed.
func (d DocumentType) Hint() string {
	switch d {
	case DocumentOrganisationCard:
		return "Issued by us, such as a staff or student card"
	}
	return ""
}
