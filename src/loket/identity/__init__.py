"""Who there is: people, agencies, their teams, and who may act for them in which role.

Owns those four tables and the answer to "what is this person here?". Refuses what belongs to a case or a
service, and knows no rights of its own beyond roles: each context writes its policies over `StaffMember`.
"""
